// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title A contract that obeys one account
 * @author ballotstorm
 * @notice As in 2017, a call by anybody else does not revert: it succeeds, says `AccessDenied`, and changes nothing.
 */
abstract contract Owned {
    address private _owner;

    /**
     * @notice Somebody called who may not.
     * @param account The caller.
     */
    event AccessDenied(address account);

    /// @dev Does nothing, successfully, for anybody but the owner.
    modifier onlyOwner() {
        if (msg.sender == _owner) {
            _;
        } else {
            emit AccessDenied(msg.sender);
        }
    }

    /// @notice The deployer is the owner.
    constructor() {
        _owner = msg.sender;
    }

    /**
     * @notice Hands the contract over.
     * @param newOwner Who is obeyed from now on.
     */
    function changeOwner(address newOwner) external onlyOwner {
        _owner = newOwner;
    }
}

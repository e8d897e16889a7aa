// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {Owned} from "./Owned.sol";

// The interface of 2017 names its readers as it likes.
// solhint-disable func-name-mixedcase

/**
 * @title The list of all polls
 * @author ballotstorm
 * @notice Where each poll's contract stands. The owner can put another contract in a poll's place; no event tells.
 * @dev Names and semantics are those of the public interface of 2017.
 */
contract Root is Owned {
    uint256[] private _pollIds;
    mapping(uint256 pollId => address poll) private _polls;

    /**
     * @notice Adds a poll, or silently redirects one that is known.
     * @param pollId The poll's number.
     * @param poll Its contract.
     */
    function pushAddress(uint256 pollId, address poll) external onlyOwner {
        if (_polls[pollId] == address(0)) _pollIds.push(pollId);
        _polls[pollId] = poll;
    }

    /**
     * @notice How many polls there are.
     * @return The number.
     */
    function Count() external view returns (uint256) {
        return _pollIds.length;
    }

    /**
     * @notice All polls in the order in which they came.
     * @return Their numbers.
     */
    function getAllPollIds() external view returns (uint256[] memory) {
        return _pollIds;
    }

    /**
     * @notice All polls in the order in which they came.
     * @return polls Their contracts.
     */
    function getAllPollAddresses() external view returns (address[] memory polls) {
        polls = new address[](_pollIds.length);
        for (uint256 i; i < polls.length; ++i) polls[i] = _polls[_pollIds[i]];
    }

    /**
     * @notice Where a poll stands now.
     * @param pollId The poll.
     * @return Its contract, or zero.
     */
    function getAddress(uint256 pollId) external view returns (address) {
        return _polls[pollId];
    }
}

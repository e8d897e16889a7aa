// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {RegisterChunks} from "../../chain/contracts/RegisterChunks.sol";

/**
 * @title What no account can do by itself: for tests only
 * @author ballotstorm
 * @notice Calls contracts as a contract, and asks for chunks that no register is large enough to have.
 */
contract Probe {
    /**
     * @notice Calls another contract and reverts as it does.
     * @param target The contract.
     * @param data The calldata.
     */
    function forward(address target, bytes calldata data) external {
        // The target's errors are passed on as they are, whatever they are.
        // solhint-disable-next-line avoid-low-level-calls
        (bool isGood, bytes memory answer) = target.call(data);
        if (!isGood) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    /**
     * @notice As `RegisterChunks.chunkAt`.
     * @param register The register.
     * @param chunkIndex Index of the chunk.
     * @return The chunk's address.
     */
    function chunkAt(address register, uint256 chunkIndex) external pure returns (address) {
        return RegisterChunks.chunkAt(register, chunkIndex);
    }
}

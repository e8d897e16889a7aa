// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {RegisterChunks} from "../../chain/contracts/RegisterChunks.sol";

/**
 * @title A door to the library: for tests only
 * @author ballotstorm
 * @notice Lets a test ask for chunks that no register is large enough to have.
 */
contract RegisterChunksProbe {
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

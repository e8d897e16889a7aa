// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title Where the addresses of a voter register lie
 * @author ballotstorm
 * @notice A register keeps its voters as packed 20-byte addresses in the code of small contracts, its chunks.
 * Chunk `i` is the contract that the register created `i`-th, so its address follows from the register's address
 * alone and finding a voter reads no storage.
 * @dev A chunk's code is one STOP byte, so that nobody can run the addresses, then 20 bytes a voter. All chunks but
 * the last are full, hence voter `v` lies in chunk `v / VOTERS_PER_CHUNK`.
 */
library RegisterChunks {
    /// @notice Voters in a full chunk: (24,576 bytes of code allowed by EIP-170 - 1) / 20, rounded down.
    uint256 internal constant VOTERS_PER_CHUNK = 1_228;

    /// @notice Bytes of one packed voter address.
    uint256 internal constant VOTER_BYTES = 20;

    /// @notice Bytes before the first address in a chunk's code: the STOP.
    uint256 internal constant HEADER_BYTES = 1;

    /**
     * @notice Address of the chunk that `register` created as its `chunkIndex`-th, whether it exists yet or not.
     * @dev CREATE gives keccak256(RLP([creator, nonce])). A contract's first nonce is 1 (EIP-161). Indexes from
     * 2^24 - 1 on, more voters than a uint32 can name, give a meaningless address.
     * @param register The register that created the chunk.
     * @param chunkIndex Index of the chunk, from 0.
     * @return chunk The address of the chunk.
     */
    function chunkAt(address register, uint256 chunkIndex) internal pure returns (address chunk) {
        assembly ("memory-safe") {
            let nonce := add(chunkIndex, 1)
            // RLP writes a nonce below 0x80 as itself, a longer one as 0x80 + length, then its bytes.
            let nonceBytes := add(gt(nonce, 0xff), gt(nonce, 0xffff))
            let encoded := nonce
            if gt(nonce, 0x7f) {
                nonceBytes := add(nonceBytes, 1)
                encoded := or(shl(shl(3, nonceBytes), add(0x80, nonceBytes)), nonce)
            }
            // Word: list prefix | 0x94 | 20 bytes of address | encoded nonce, right-aligned in the scratch space.
            let tail := shl(3, add(nonceBytes, 1))
            let list := or(shl(168, add(0xd6, nonceBytes)), or(shl(160, 0x94), register))
            mstore(0x00, or(shl(tail, list), encoded))
            let length := add(23, nonceBytes)
            chunk := and(
                keccak256(sub(0x20, length), length),
                0xffffffffffffffffffffffffffffffffffffffff
            )
        }
    }

    /**
     * @notice The voter at a position of a chunk, or the zero address when there is none.
     * @dev EXTCODECOPY pads with zeros past the end of the code and for an account without code. A chunk's code ends
     * at a voter's end, so an index past the last voter can never give a part of an address.
     * @param chunk The chunk to read.
     * @param position Position in the chunk, from 0 to `VOTERS_PER_CHUNK` - 1.
     * @return voter The voter's address.
     */
    function voterIn(address chunk, uint256 position) internal view returns (address voter) {
        assembly ("memory-safe") {
            extcodecopy(chunk, 0x00, add(HEADER_BYTES, mul(position, VOTER_BYTES)), VOTER_BYTES)
            voter := shr(96, mload(0x00))
        }
    }
}

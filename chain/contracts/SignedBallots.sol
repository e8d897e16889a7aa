// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title How a signed ballot is laid out in a batch, and who signed it
 * @author ballotstorm
 * @notice A record has 74 bytes, nothing between them: pollId (uint32), voterIndex (uint32), choice (uint8), then the
 * signature: r (32 bytes), s (32 bytes), v (1 byte, 27 or 28). Numbers are big-endian. What the voter signs is the
 * EIP-712 digest of `Ballot(uint256 pollId,bytes32 pollDigest,uint256 choice)`.
 * @dev In assembly, because all of it runs once for each record and the compiler's ways to hash and to recover take
 * new memory each time.
 */
library SignedBallots {
    /// @notice Bytes of one record.
    uint256 internal constant RECORD_BYTES = 74;

    /// @notice Hash of the type that a voter signs.
    bytes32 internal constant BALLOT_TYPEHASH = keccak256(
        "Ballot(uint256 pollId,bytes32 pollDigest,uint256 choice)"
    );

    /// @notice Hash of the type of the domain.
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @notice Half of the order of secp256k1: of the signatures with `s` and with order - `s` only the lower is taken.
    uint256 internal constant S_MAX =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /**
     * @notice The EIP-712 domain of the calling box's ballots: name "ballotstorm", version "1", this chain, the box.
     * @return The domain separator.
     */
    function domainSeparator() internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DOMAIN_TYPEHASH,
                    keccak256("ballotstorm"),
                    keccak256("1"),
                    block.chainid,
                    address(this)
                )
            );
    }

    /**
     * @notice Who signed a record.
     * @dev Running out of gas inside the recovery reverts the whole batch, so a carrier cannot make a good signature
     * look bad by giving little gas.
     * @param signedDigest The EIP-712 digest of the record's ballot.
     * @param record Where the record starts in the calldata.
     * @return account The signer, or zero for a signature that is malformed or not the lower one of its two forms.
     */
    function signer(bytes32 signedDigest, uint256 record) internal view returns (address account) {
        assembly ("memory-safe") {
            // The precompile takes digest, v, r, s, and answers with nothing when no address can be recovered or v is
            // neither 27 nor 28. It would take both forms of s.
            let input := mload(0x40)
            mstore(input, signedDigest)
            mstore(add(input, 0x20), byte(0, calldataload(add(record, 73))))
            calldatacopy(add(input, 0x40), add(record, 9), 0x40)
            if iszero(gt(mload(add(input, 0x60)), S_MAX)) {
                mstore(0x00, 0)
                if iszero(staticcall(gas(), 1, input, 0x80, 0x00, 0x20)) {
                    revert(0, 0)
                }
                account := mload(0x00)
            }
        }
    }

    /**
     * @notice The EIP-712 digest of a ballot: keccak256(0x1901, domain, struct hash).
     * @param domain The domain separator.
     * @param pollId The poll.
     * @param pollDigest The poll's digest.
     * @param choice The choice.
     * @return hash The digest.
     */
    function digest(
        bytes32 domain,
        uint256 pollId,
        bytes32 pollDigest,
        uint256 choice
    ) internal pure returns (bytes32 hash) {
        bytes32 typehash = BALLOT_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            mstore(add(free, 0x20), pollId)
            mstore(add(free, 0x40), pollDigest)
            mstore(add(free, 0x60), choice)
            let structHash := keccak256(free, 0x80)
            mstore(free, shl(240, 0x1901))
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            hash := keccak256(free, 0x42)
        }
    }

    /**
     * @notice Where an argument's bytes start in the calldata.
     * @param data The argument.
     * @return start The position of its first byte.
     */
    function position(bytes calldata data) internal pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := data.offset
        }
    }

    /**
     * @notice The 32 bytes of calldata from a position on, zeros past the end.
     * @param start The position of the first one.
     * @return word The bytes.
     */
    function wordAt(uint256 start) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(start)
        }
    }
}

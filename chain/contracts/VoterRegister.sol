// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {RegisterChunks} from "./RegisterChunks.sol";

/**
 * @title The register of those who may vote
 * @author ballotstorm
 * @notice A list of voter addresses that its organiser fills and then closes for ever. A poll names a closed register,
 * so everybody can check who was allowed to vote in it: read the chunks, hash them, compare with `commitment`.
 * @dev Enrolment costs less than 4,400 gas a voter, 4,320 of it being the protocol's price of 20 bytes of calldata and
 * of code. Nothing checks for an address that is enrolled twice: each index is a vote, and the list is public.
 */
contract VoterRegister {
    /// @dev Packed with the two below: one slot is read and written by each enrolment.
    address private _organiser;
    uint32 private _voterCount;
    bool private _isClosed;
    bytes32 private _commitment;

    /**
     * @notice Voters were added.
     * @param chunk The contract whose code holds them.
     * @param voterCount Voters in the register from now on.
     */
    event VotersEnrolled(address indexed chunk, uint256 voterCount);

    /**
     * @notice The register can no longer change.
     * @param voterCount Voters in the register.
     * @param commitment The hash chain over all chunks.
     */
    event RegisterClosed(uint256 voterCount, bytes32 commitment);

    /**
     * @notice Only the organiser may do this.
     * @param caller Who tried.
     * @param organiser Who may.
     */
    error VoterRegisterUnauthorizedCaller(address caller, address organiser);

    /**
     * @notice The register was closed before.
     * @param voterCount Voters in the register.
     */
    error VoterRegisterAlreadyClosed(uint256 voterCount);

    /**
     * @notice The packed addresses are none, not whole ones, or more than a chunk holds.
     * @param length Bytes given.
     * @param lengthMax Bytes that a chunk holds.
     */
    error VoterRegisterMalformedChunk(uint256 length, uint256 lengthMax);

    /**
     * @notice The last chunk was not full, so it must remain the last.
     * @param voterCount Voters in the register.
     */
    error VoterRegisterLastChunkNotFull(uint256 voterCount);

    /**
     * @notice The chunk was not created where everybody will look for it; most likely the gas did not suffice.
     * @param expected Where it should be.
     * @param created Where it is, zero for nowhere.
     */
    error VoterRegisterChunkNotCreated(address expected, address created);

    /**
     * @notice There is no voter with this index.
     * @param voterIndex The index asked for.
     * @param voterCount Voters in the register.
     */
    error VoterRegisterUnknownVoter(uint256 voterIndex, uint256 voterCount);

    /// @dev Refuses everybody but the organiser, and the organiser too once the register is closed.
    modifier onlyOrganiserWhileOpen() {
        if (msg.sender != _organiser) {
            revert VoterRegisterUnauthorizedCaller(msg.sender, _organiser);
        }
        if (_isClosed) revert VoterRegisterAlreadyClosed(_voterCount);
        _;
    }

    /// @notice Makes an empty register; the deployer is its organiser.
    constructor() {
        _organiser = msg.sender;
    }

    /**
     * @notice Adds up to 1,228 voters; all calls but the last must bring exactly that many.
     * @param packedAddresses The voters' addresses, 20 bytes each, nothing between them.
     */
    function enrol(bytes calldata packedAddresses) external onlyOrganiserWhileOpen {
        uint256 lengthMax = RegisterChunks.VOTERS_PER_CHUNK * RegisterChunks.VOTER_BYTES;
        uint256 length = packedAddresses.length;
        if (length == 0 || length % RegisterChunks.VOTER_BYTES != 0 || length > lengthMax) {
            revert VoterRegisterMalformedChunk(length, lengthMax);
        }
        uint256 count = _voterCount;
        if (count % RegisterChunks.VOTERS_PER_CHUNK != 0) {
            revert VoterRegisterLastChunkNotFull(count);
        }

        (address created, bytes32 chunkHash) = _store(packedAddresses);
        address expected = RegisterChunks.chunkAt(
            address(this),
            count / RegisterChunks.VOTERS_PER_CHUNK
        );
        if (created != expected) revert VoterRegisterChunkNotCreated(expected, created);

        // Checked addition: a register of 2^32 voters reverts, because ballots name voters by uint32.
        uint32 newCount = _voterCount + uint32(length / RegisterChunks.VOTER_BYTES);
        _voterCount = newCount;
        _commitment = keccak256(abi.encode(_commitment, chunkHash));
        emit VotersEnrolled(created, newCount);
    }

    /// @notice Freezes the register; only then can a poll name it.
    function close() external onlyOrganiserWhileOpen {
        _isClosed = true;
        emit RegisterClosed(_voterCount, _commitment);
    }

    /**
     * @notice The voter with an index.
     * @param voterIndex Index of the voter, from 0, in order of enrolment.
     * @return The voter's address.
     */
    function voterAt(uint256 voterIndex) external view returns (address) {
        if (voterIndex >= _voterCount) revert VoterRegisterUnknownVoter(voterIndex, _voterCount);
        address chunk = RegisterChunks.chunkAt(
            address(this),
            voterIndex / RegisterChunks.VOTERS_PER_CHUNK
        );
        return RegisterChunks.voterIn(chunk, voterIndex % RegisterChunks.VOTERS_PER_CHUNK);
    }

    /**
     * @notice Who fills and closes the register.
     * @return The organiser's address.
     */
    function organiser() external view returns (address) {
        return _organiser;
    }

    /**
     * @notice Voters in the register.
     * @return Their number.
     */
    function voterCount() external view returns (uint256) {
        return _voterCount;
    }

    /**
     * @notice Hash chain over the chunks: c(0) = 0, c(i+1) = keccak256(c(i) followed by keccak256(packed addresses)).
     * @return The end of the chain so far.
     */
    function commitment() external view returns (bytes32) {
        return _commitment;
    }

    /**
     * @notice Whether the register can no longer change.
     * @return True once it was closed.
     */
    function isClosed() external view returns (bool) {
        return _isClosed;
    }

    /**
     * @notice Creates a contract whose code is STOP and the addresses.
     * @param packedAddresses The addresses.
     * @return chunk The contract, zero when it could not be created.
     * @return chunkHash Hash of the addresses.
     */
    function _store(
        bytes calldata packedAddresses
    ) private returns (address chunk, bytes32 chunkHash) {
        assembly ("memory-safe") {
            let length := packedAddresses.length
            let code := mload(0x40)
            // Creation code that returns what follows it: PUSH2 size, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0,
            // RETURN; then the STOP, the first byte of the chunk. PUSH2's operand is filled in.
            mstore(code, or(shl(152, 0x61000080600c6000396000f300), shl(232, add(length, 1))))
            calldatacopy(add(code, 13), packedAddresses.offset, length)
            chunkHash := keccak256(add(code, 13), length)
            chunk := create(0, code, add(length, 13))
        }
    }
}

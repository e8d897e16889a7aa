// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {IBallotAnchor} from "./IBallotAnchor.sol";

/**
 * @title The anchor: a mirror of ballots that a service has taken
 * @author ballotstorm
 * @notice The service writes packed batches of ballots here, each with a commitment. No voter is checked and no choice
 * is counted: whoever reads believes the service that these ballots were cast, and can check that they were not
 * changed later, that the count is right, and that a ballot with a proof is among them.
 * @dev The contract walks the groups of a batch, not its ballots, so that a ballot costs little more than its bytes.
 * Contracts may not call: the calldata of the transactions that did not revert is the complete record.
 */
contract BallotAnchor is IBallotAnchor {
    /// @dev A poll as it is kept: one slot. `ballotCount` cannot run over: every ballot has paid for its calldata.
    struct StoredPoll {
        uint40 opensAt;
        uint40 closesAt;
        uint40 sealsAt;
        uint64 ballotCount;
    }

    /// @dev Bytes before the ballots of a group: pollId, number of ballots.
    uint256 private constant _GROUP_HEADER_BYTES = 6;

    /// @dev Bytes of a ballot: voterIndex, choice.
    uint256 private constant _RECORD_BYTES = 5;

    address private _organiser;
    /// @dev uint32, because groups name polls by uint32; creating more reverts.
    uint32 private _pollCount;
    uint64 private _batchCount;
    bytes32 private _registerCommitment;
    mapping(uint256 pollId => StoredPoll stored) private _polls;
    mapping(uint256 batch => bytes32 root) private _roots;

    /// @dev Refuses everybody but the organiser, and the organiser where it is a contract.
    modifier onlyOrganiser() {
        if (msg.sender != _organiser) revert BallotAnchorUnauthorizedCaller(msg.sender, _organiser);
        // The origin authorises nothing here; it only tells a transaction from a call by a contract.
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin) revert BallotAnchorCallerIsContract(msg.sender, tx.origin);
        _;
    }

    /**
     * @notice Makes an anchor without polls; the deployer is its organiser.
     * @param commitment The commitment to the register of voters.
     */
    constructor(bytes32 commitment) {
        _organiser = msg.sender;
        _registerCommitment = commitment;
    }

    /// @inheritdoc IBallotAnchor
    function createPoll(
        string calldata question,
        string[] calldata options,
        address register,
        uint32 firstVoter,
        uint32 voterCount,
        uint40 opensAt,
        uint40 closesAt,
        uint40 sealsAt
    ) external onlyOrganiser returns (uint256 pollId) {
        if (options.length < 2 || options.length > type(uint8).max) {
            revert BallotAnchorBadOptionCount(options.length);
        }
        if (opensAt >= closesAt || closesAt > sealsAt) {
            revert BallotAnchorBadTimes(opensAt, closesAt, sealsAt);
        }
        if (register != address(0)) revert BallotAnchorRegisterGiven(register);

        pollId = ++_pollCount;
        _polls[pollId] = StoredPoll(opensAt, closesAt, sealsAt, 0);
        bytes32 pollDigest = keccak256(
            abi.encode(question, options, _electorate(firstVoter, voterCount))
        );
        emit PollCreated(
            pollId,
            pollDigest,
            register,
            firstVoter,
            voterCount,
            opensAt,
            closesAt,
            sealsAt,
            question,
            options
        );
    }

    /// @inheritdoc IBallotAnchor
    function anchor(bytes32 root, bytes calldata ballots) external onlyOrganiser {
        uint256 count;
        uint256 position;
        // Unchecked: positions lie in the calldata or less than one group past its end; counts, see `StoredPoll`.
        unchecked {
            do {
                uint256 head = _headAt(ballots, position);
                uint256 groupCount = uint16(head);
                uint256 end = position + _GROUP_HEADER_BYTES + groupCount * _RECORD_BYTES;
                // An empty batch has no first group, and a cut header reads as one that is too long or empty.
                if (groupCount == 0 || end > ballots.length) {
                    revert BallotAnchorMalformedBatch(ballots.length, position);
                }
                _openPoll(head >> 16).ballotCount += uint64(groupCount);
                count += groupCount;
                position = end;
            } while (position < ballots.length);
        }

        uint256 batch = ++_batchCount;
        _roots[batch] = root;
        emit BallotsAnchored(batch, root, count);
    }

    /// @inheritdoc IBallotAnchor
    function pollCount() external view returns (uint256) {
        return _pollCount;
    }

    /// @inheritdoc IBallotAnchor
    function batchCount() external view returns (uint256) {
        return _batchCount;
    }

    /// @inheritdoc IBallotAnchor
    function rootOf(uint256 batch) external view returns (bytes32) {
        return _roots[batch];
    }

    /// @inheritdoc IBallotAnchor
    function ballotCount(uint256 pollId) external view returns (uint256) {
        StoredPoll storage stored = _polls[pollId];
        if (stored.closesAt == 0) revert BallotAnchorUnknownPoll(pollId);
        return stored.ballotCount;
    }

    /// @inheritdoc IBallotAnchor
    function registerCommitment() external view returns (bytes32) {
        return _registerCommitment;
    }

    /// @inheritdoc IBallotAnchor
    function organiser() external view returns (address) {
        return _organiser;
    }

    /**
     * @notice The poll with a number, which must take ballots now.
     * @param pollId The poll.
     * @return stored The poll.
     */
    function _openPoll(uint256 pollId) private view returns (StoredPoll storage stored) {
        stored = _polls[pollId];
        // No poll closes at 0: it opens before.
        if (stored.closesAt == 0) revert BallotAnchorUnknownPoll(pollId);
        if (block.timestamp < stored.opensAt) {
            revert BallotAnchorNotOpen(pollId, stored.opensAt, block.timestamp);
        }
        if (block.timestamp > stored.sealsAt) {
            revert BallotAnchorSealed(pollId, stored.sealsAt, block.timestamp);
        }
    }

    /**
     * @notice What the digest of a poll binds of those who may vote, as a `BallotBox` makes it.
     * @param firstVoter First voter of the slice.
     * @param voterCount Voters of the slice; 0 with a first voter of 0 for the whole register.
     * @return The register's commitment, hashed together with a slice.
     */
    function _electorate(uint32 firstVoter, uint32 voterCount) private view returns (bytes32) {
        if (firstVoter == 0 && voterCount == 0) return _registerCommitment;
        if (voterCount == 0) revert BallotAnchorBadSlice(firstVoter, voterCount);
        return keccak256(abi.encode(_registerCommitment, firstVoter, voterCount));
    }

    /**
     * @notice The header of the group at a position: pollId above 16 bits of the number of ballots.
     * @param ballots The batch.
     * @param position Where the group starts.
     * @return head The header; bytes past the calldata's end read as zeros.
     */
    function _headAt(bytes calldata ballots, uint256 position) private pure returns (uint256 head) {
        assembly ("memory-safe") {
            head := shr(208, calldataload(add(ballots.offset, position)))
        }
    }
}

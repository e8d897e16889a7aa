// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title The anchor as its callers and its readers see it
 * @author ballotstorm
 * @notice What can be asked of a `BallotAnchor`, what it announces, and why it refuses.
 */
interface IBallotAnchor {
    /**
     * @notice A poll was created.
     * @param pollId Its number, from 1.
     * @param pollDigest Hash of question, options in order and who may vote; each ballot signs it.
     * @param register Zero: who may vote is known by the commitment alone.
     * @param firstVoter First voter of the slice that may vote.
     * @param voterCount Voters of the slice; 0 with a first voter of 0 for the whole register.
     * @param opensAt First block timestamp (s) that counts.
     * @param closesAt When the service stops taking ballots; means nothing to the contract.
     * @param sealsAt Last block timestamp (s) that counts.
     * @param question What is asked.
     * @param options What can be chosen, in order.
     */
    event PollCreated(
        uint256 indexed pollId,
        bytes32 pollDigest,
        address indexed register,
        uint32 firstVoter,
        uint32 voterCount,
        uint40 opensAt,
        uint40 closesAt,
        uint40 sealsAt,
        string question,
        string[] options
    );

    /**
     * @notice A batch was anchored.
     * @param batch Its number, from 1.
     * @param root What the service says is the Merkle root over the batch's ballots; a reader computes it again.
     * @param ballots How many ballots the batch has.
     */
    event BallotsAnchored(uint256 indexed batch, bytes32 root, uint256 ballots);

    /// @dev The caller is not the organiser.
    error BallotAnchorUnauthorizedCaller(address caller, address organiser);

    /// @dev A contract called: what it passes on is in no transaction's calldata.
    error BallotAnchorCallerIsContract(address caller, address origin);

    /// @dev A poll has 2 to 255 options.
    error BallotAnchorBadOptionCount(uint256 optionCount);

    /// @dev A poll opens before it closes, and is sealed then or later.
    error BallotAnchorBadTimes(uint256 opensAt, uint256 closesAt, uint256 sealsAt);

    /// @dev A slice has voters.
    error BallotAnchorBadSlice(uint32 firstVoter, uint32 voterCount);

    /// @dev There is no register here, only the commitment to one.
    error BallotAnchorRegisterGiven(address register);

    /// @dev The groups do not fill the bytes exactly, or one is empty: `position` is where that shows.
    error BallotAnchorMalformedBatch(uint256 length, uint256 position);

    /// @dev There is no such poll.
    error BallotAnchorUnknownPoll(uint256 pollId);

    /// @dev The block is older than the poll's `opensAt`.
    error BallotAnchorNotOpen(uint256 pollId, uint256 opensAt, uint256 timestamp);

    /// @dev The block is younger than the poll's `sealsAt`.
    error BallotAnchorSealed(uint256 pollId, uint256 sealsAt, uint256 timestamp);

    /**
     * @notice Creates a poll. Nothing of it can be changed later.
     * @param question What is asked.
     * @param options What can be chosen: 2 to 255.
     * @param register Zero; it stands here so that polls are created and announced as by a `BallotBox`.
     * @param firstVoter First voter of the slice that may vote; nothing here checks voters, the digest binds it.
     * @param voterCount Voters of the slice; 0 with a first voter of 0 for the whole register.
     * @param opensAt First block timestamp (s) that counts.
     * @param closesAt When the service stops taking ballots.
     * @param sealsAt Last block timestamp (s) that counts.
     * @return pollId The poll's number.
     */
    function createPoll(
        string calldata question,
        string[] calldata options,
        address register,
        uint32 firstVoter,
        uint32 voterCount,
        uint40 opensAt,
        uint40 closesAt,
        uint40 sealsAt
    ) external returns (uint256 pollId);

    /**
     * @notice Mirrors a batch of ballots. Reverts as a whole when a poll in it takes no ballots now.
     * @param root The Merkle root over the ballots; not checked here.
     * @param ballots Groups, each of one poll: pollId (uint32), number of ballots (uint16), then for each ballot its
     * voterIndex (uint32) and choice (uint8). Numbers are big-endian.
     */
    function anchor(bytes32 root, bytes calldata ballots) external;

    /**
     * @notice How many polls there are.
     * @return The number; the newest poll has it.
     */
    function pollCount() external view returns (uint256);

    /**
     * @notice How many batches there are.
     * @return The number; the newest batch has it.
     */
    function batchCount() external view returns (uint256);

    /**
     * @notice What the service said is the Merkle root of a batch.
     * @param batch The batch.
     * @return The root, or zero.
     */
    function rootOf(uint256 batch) external view returns (bytes32);

    /**
     * @notice How many ballots were mirrored for a poll; nobody looked whether they are good.
     * @param pollId The poll.
     * @return The number.
     */
    function ballotCount(uint256 pollId) external view returns (uint256);

    /**
     * @notice The commitment to the register of voters that each poll's digest covers.
     * @return The commitment.
     */
    function registerCommitment() external view returns (bytes32);

    /**
     * @notice Who creates polls and anchors batches.
     * @return The account.
     */
    function organiser() external view returns (address);
}

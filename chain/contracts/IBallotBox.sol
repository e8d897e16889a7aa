// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title The ballot box as its callers and its readers see it
 * @author ballotstorm
 * @notice What can be asked of a `BallotBox`, what it announces, and why it refuses.
 */
interface IBallotBox {
    /// @notice A poll, without its texts: those are in its `PollCreated` event, and `pollDigest` binds them.
    struct Poll {
        bytes32 pollDigest;
        address register;
        uint256 firstVoter;
        uint256 voterCount;
        uint256 optionCount;
        uint256 opensAt;
        uint256 closesAt;
        uint256 sealsAt;
    }

    /**
     * @notice A poll was created.
     * @param pollId Its number, from 1.
     * @param pollDigest Hash of question, options in order and electorate; each ballot signs it. The electorate is the
     * register's commitment, or keccak256 of (commitment, firstVoter, voterCount) for a slice.
     * @param register Who may vote, or of whom a slice may.
     * @param firstVoter First voter of the slice.
     * @param voterCount Voters of the slice; 0 for the whole register.
     * @param opensAt First block timestamp (s) that counts.
     * @param closesAt Last time (s) at which a voting service accepts ballots.
     * @param sealsAt Last block timestamp (s) that counts.
     * @param question The question.
     * @param options The options; a ballot's choice is an index into them.
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
     * @notice A ballot of a batch was not counted.
     * @param pollId The poll that the record names.
     * @param voterIndex The voter that the record names.
     * @param position Position of the record in its batch, from 0.
     * @param reason Why: one of the box's constants `UNKNOWN_POLL` to `ALREADY_VOTED`.
     */
    event BallotSkipped(
        uint256 indexed pollId,
        uint256 indexed voterIndex,
        uint256 position,
        uint8 reason
    );

    /**
     * @notice A batch was counted.
     * @param accepted Ballots that count.
     * @param skipped Ballots that do not; each has its `BallotSkipped`.
     */
    event BatchCast(uint256 accepted, uint256 skipped);

    /**
     * @notice A voter's own transaction was counted.
     * @param pollId The poll.
     * @param voterIndex The voter.
     * @param choice The option chosen.
     */
    event BallotCast(uint256 indexed pollId, uint256 indexed voterIndex, uint256 choice);

    /**
     * @notice Only the organiser may do this.
     * @param caller Who tried.
     * @param organiser Who may.
     */
    error BallotBoxUnauthorizedCaller(address caller, address organiser);

    /**
     * @notice Ballots come in transactions, not through contracts.
     * @param caller The calling contract.
     * @param origin Who signed the transaction.
     */
    error BallotBoxCallerIsContract(address caller, address origin);

    /**
     * @notice A poll has 2 to 255 options.
     * @param optionCount Options given.
     */
    error BallotBoxBadOptionCount(uint256 optionCount);

    /**
     * @notice A poll opens before it closes and is not sealed before it closes.
     * @param opensAt First second.
     * @param closesAt Last second of acceptance.
     * @param sealsAt Last second that counts.
     */
    error BallotBoxBadTimes(uint40 opensAt, uint40 closesAt, uint40 sealsAt);

    /**
     * @notice A poll needs a closed register.
     * @param register What was given: an open one, or no contract.
     */
    error BallotBoxRegisterNotClosed(address register);

    /**
     * @notice A slice is a part of its register, and not an empty one.
     * @param firstVoter First voter given.
     * @param voterCount Number of voters given.
     * @param registered Voters in the register.
     */
    error BallotBoxBadSlice(uint256 firstVoter, uint256 voterCount, uint256 registered);

    /**
     * @notice A batch holds one or more whole records.
     * @param length Bytes given.
     * @param recordBytes Bytes of a record.
     */
    error BallotBoxMalformedBatch(uint256 length, uint256 recordBytes);

    /**
     * @notice There is no such poll.
     * @param pollId The number asked for.
     */
    error BallotBoxUnknownPoll(uint256 pollId);

    /**
     * @notice The poll is not open yet.
     * @param pollId The poll.
     * @param opensAt First block timestamp (s) that counts.
     * @param timestamp This block's.
     */
    error BallotBoxNotOpen(uint256 pollId, uint256 opensAt, uint256 timestamp);

    /**
     * @notice The poll is sealed.
     * @param pollId The poll.
     * @param sealsAt Last block timestamp (s) that counts.
     * @param timestamp This block's.
     */
    error BallotBoxSealed(uint256 pollId, uint256 sealsAt, uint256 timestamp);

    /**
     * @notice The ballot was made for another question, other options or another register.
     * @param pollId The poll.
     * @param given The ballot's digest.
     * @param expected The poll's digest.
     */
    error BallotBoxWrongDigest(uint256 pollId, bytes32 given, bytes32 expected);

    /**
     * @notice The poll has no such option.
     * @param pollId The poll.
     * @param choice The choice given.
     * @param optionCount Options of the poll.
     */
    error BallotBoxBadChoice(uint256 pollId, uint256 choice, uint256 optionCount);

    /**
     * @notice The caller is not the voter with this index, or the poll is not open to that voter.
     * @param pollId The poll.
     * @param voterIndex The index given.
     * @param caller Who tried.
     */
    error BallotBoxNotRegistered(uint256 pollId, uint256 voterIndex, address caller);

    /**
     * @notice A ballot of this voter was counted in this poll before.
     * @param pollId The poll.
     * @param voterIndex The voter.
     */
    error BallotBoxAlreadyVoted(uint256 pollId, uint256 voterIndex);

    /**
     * @notice Creates a poll.
     * @dev The register is the organiser's choice and is trusted to be a `VoterRegister`; `pollDigest` binds its
     * commitment, which anybody can compute again from its chunks.
     * @param question The question.
     * @param options 2 to 255 options.
     * @param register A closed register of those who may vote.
     * @param firstVoter Where only a slice of the register may vote: its first voter, else 0.
     * @param voterCount Where only a slice may vote: its number of voters, else 0.
     * @param opensAt First block timestamp (s) that counts.
     * @param closesAt Last time (s) at which a voting service accepts ballots; after `opensAt`.
     * @param sealsAt Last block timestamp (s) that counts; not before `closesAt`.
     * @return pollId The number of the poll, from 1.
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
     * @notice Counts a batch of signed ballots. A ballot that does not count is skipped with an event and never
     * affects its neighbours.
     * @dev Records of 74 bytes, nothing between them: pollId (uint32), voterIndex (uint32), choice (uint8), r (32
     * bytes), s (32 bytes), v (1 byte, 27 or 28), numbers big-endian. Any order and any mix of polls is right; sorted
     * by poll and voter index it is cheapest.
     * @param ballots The records.
     */
    function castBatch(bytes calldata ballots) external;

    /**
     * @notice Counts the ballot of the voter who sends this transaction.
     * @param pollId The poll.
     * @param pollDigest The poll's digest, as the voter knows it.
     * @param voterIndex The voter's index in the poll's register.
     * @param choice Index of the chosen option.
     */
    function cast(uint256 pollId, bytes32 pollDigest, uint256 voterIndex, uint256 choice) external;

    /**
     * @notice Ballots for each option so far. Final after `sealsAt`, readable before: no secrecy is claimed.
     * @param pollId The poll.
     * @return votes One number for each option, in the options' order.
     */
    function tally(uint256 pollId) external view returns (uint256[] memory votes);

    /**
     * @notice Whether a ballot of the voter was counted in the poll.
     * @param pollId The poll.
     * @param voterIndex The voter's index in the poll's register.
     * @return True once it was counted.
     */
    function hasVoted(uint256 pollId, uint256 voterIndex) external view returns (bool);

    /**
     * @notice The EIP-712 digest that a voter signs to choose an option.
     * @param pollId The poll.
     * @param choice Index of the option.
     * @return The digest to sign.
     */
    function ballotDigest(uint256 pollId, uint256 choice) external view returns (bytes32);

    /**
     * @notice A poll, without its texts.
     * @param pollId The poll.
     * @return What is stored of it.
     */
    function poll(uint256 pollId) external view returns (Poll memory);

    /**
     * @notice Polls created so far; their numbers are 1 to this.
     * @return Their number.
     */
    function pollCount() external view returns (uint256);

    /**
     * @notice Who creates polls.
     * @return The organiser's address.
     */
    function organiser() external view returns (address);

    /**
     * @notice The EIP-712 domain of the ballots: name "ballotstorm", version "1", this chain, this contract.
     * @dev Computed at each use, which costs a batch some 200 gas: so it follows a chain that changes its id, and the
     * code on chain is the compiler's output, byte for byte.
     * @return The domain separator.
     */
    function domainSeparator() external view returns (bytes32);
}

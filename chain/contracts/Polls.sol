// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {IBallotBox} from "./IBallotBox.sol";
import {PollWords} from "./PollWords.sol";
import {SignedBallots} from "./SignedBallots.sol";
import {VoterRegister} from "./VoterRegister.sol";

/**
 * @title The polls of a ballot box
 * @author ballotstorm
 * @notice Creates polls and answers what became of them. Ballots are `BallotBox`'s.
 */
abstract contract Polls is IBallotBox {
    /**
     * @dev A poll as it is kept. Its first two slots and one word of `words` hold all that counting a ballot needs.
     * `marks`: bit `place % 256` of word `place / 256` is set when the voter at that place of the slice has voted.
     * `words`: word `choice / 6` as `PollWords` says.
     */
    struct StoredPoll {
        address register;
        uint40 opensAt;
        uint40 sealsAt;
        uint8 optionCount;
        bytes32 pollDigest;
        uint40 closesAt;
        mapping(uint256 index => uint256 bits) marks;
        mapping(uint256 index => uint256 counts) words;
    }

    address private _organiser;
    /// @dev uint32, because records name polls by uint32; creating more reverts.
    uint32 private _pollCount;
    mapping(uint256 pollId => StoredPoll stored) internal _polls;

    /// @notice Makes an empty box; the deployer is its organiser.
    constructor() {
        _organiser = msg.sender;
    }

    /// @inheritdoc IBallotBox
    function createPoll(
        string calldata question,
        string[] calldata options,
        address register,
        uint32 firstVoter,
        uint32 voterCount,
        uint40 opensAt,
        uint40 closesAt,
        uint40 sealsAt
    ) external returns (uint256 pollId) {
        if (msg.sender != _organiser) revert BallotBoxUnauthorizedCaller(msg.sender, _organiser);
        if (options.length < 2 || options.length > type(uint8).max) {
            revert BallotBoxBadOptionCount(options.length);
        }
        if (opensAt >= closesAt || closesAt > sealsAt) {
            revert BallotBoxBadTimes(opensAt, closesAt, sealsAt);
        }
        if (register.code.length == 0 || !VoterRegister(register).isClosed()) {
            revert BallotBoxRegisterNotClosed(register);
        }

        pollId = ++_pollCount;
        StoredPoll storage stored = _polls[pollId];
        stored.register = register;
        stored.opensAt = opensAt;
        stored.sealsAt = sealsAt;
        // Narrowing is safe: at most 255 options, see above.
        stored.optionCount = uint8(options.length);
        stored.pollDigest = keccak256(
            abi.encode(question, options, _openTo(stored, register, firstVoter, voterCount))
        );
        stored.closesAt = closesAt;
        emit PollCreated(
            pollId,
            stored.pollDigest,
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

    /// @inheritdoc IBallotBox
    function tally(uint256 pollId) external view returns (uint256[] memory votes) {
        StoredPoll storage stored = _known(pollId);
        uint256 optionCount = stored.optionCount;
        votes = new uint256[](optionCount);
        for (uint256 choice; choice < optionCount; ++choice) {
            uint256 word = stored.words[choice / PollWords.OPTIONS_PER_WORD];
            votes[choice] = PollWords.countOf(word, choice);
        }
    }

    /// @inheritdoc IBallotBox
    function hasVoted(uint256 pollId, uint256 voterIndex) external view returns (bool) {
        StoredPoll storage stored = _known(pollId);
        uint256 place = PollWords.placeOf(stored.words[0], voterIndex);
        return _isMarked(stored.marks[place >> 8], place);
    }

    /// @inheritdoc IBallotBox
    function ballotDigest(uint256 pollId, uint256 choice) external view returns (bytes32) {
        StoredPoll storage stored = _known(pollId);
        uint256 optionCount = stored.optionCount;
        if (choice >= optionCount) revert BallotBoxBadChoice(pollId, choice, optionCount);
        return SignedBallots.digest(domainSeparator(), pollId, stored.pollDigest, choice);
    }

    /// @inheritdoc IBallotBox
    function poll(uint256 pollId) external view returns (Poll memory) {
        StoredPoll storage stored = _known(pollId);
        uint256 word = stored.words[0];
        return
            Poll({
                pollDigest: stored.pollDigest,
                register: stored.register,
                firstVoter: PollWords.firstVoter(word),
                voterCount: PollWords.voterCount(word),
                optionCount: stored.optionCount,
                opensAt: stored.opensAt,
                closesAt: stored.closesAt,
                sealsAt: stored.sealsAt
            });
    }

    /// @inheritdoc IBallotBox
    function pollCount() external view returns (uint256) {
        return _pollCount;
    }

    /// @inheritdoc IBallotBox
    function organiser() external view returns (address) {
        return _organiser;
    }

    /// @inheritdoc IBallotBox
    function domainSeparator() public view returns (bytes32) {
        return SignedBallots.domainSeparator();
    }

    /**
     * @notice Whether a voter's bit is set.
     * @dev The only guard against a second ballot. Virtual, so that a test can take it away and see the checks fail.
     * @param marks The bitmap word that holds the voter.
     * @param place The voter's place in the poll's slice.
     * @return Whether the voter has voted.
     */
    function _isMarked(uint256 marks, uint256 place) internal pure virtual returns (bool) {
        return (marks >> (place & 0xff)) & 1 != 0;
    }

    /**
     * @notice The stored poll with a number that must exist.
     * @param pollId The poll.
     * @return stored The poll.
     */
    function _known(uint256 pollId) internal view returns (StoredPoll storage stored) {
        stored = _polls[pollId];
        if (stored.optionCount == 0) revert BallotBoxUnknownPoll(pollId);
    }

    /**
     * @notice Opens a new poll to a slice of a register, or to all of it.
     * @param stored The poll; its options are counted already.
     * @param register The closed register.
     * @param firstVoter First voter of the slice.
     * @param voterCount Voters of the slice; 0 with a first voter of 0 for the whole register.
     * @return electorate What the digest binds: the register's commitment, hashed together with a slice.
     */
    function _openTo(
        StoredPoll storage stored,
        address register,
        uint32 firstVoter,
        uint32 voterCount
    ) private returns (bytes32 electorate) {
        uint256 registered = VoterRegister(register).voterCount();
        electorate = VoterRegister(register).commitment();
        uint256 word;
        if (firstVoter == 0 && voterCount == 0) {
            // Narrowing is safe: a register counts its voters as uint32.
            word = PollWords.empty(0, uint32(registered));
        } else {
            if (voterCount == 0 || uint256(firstVoter) + voterCount > registered) {
                revert BallotBoxBadSlice(firstVoter, voterCount, registered);
            }
            electorate = keccak256(abi.encode(electorate, firstVoter, voterCount));
            word = PollWords.empty(firstVoter, voterCount);
        }
        uint256 optionCount = stored.optionCount;
        for (uint256 choice; choice < optionCount; choice += PollWords.OPTIONS_PER_WORD) {
            stored.words[choice / PollWords.OPTIONS_PER_WORD] = word;
        }
    }
}

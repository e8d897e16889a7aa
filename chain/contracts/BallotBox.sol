// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {IBallotBox} from "./IBallotBox.sol";
import {RegisterChunks} from "./RegisterChunks.sol";
import {SignedBallots} from "./SignedBallots.sol";
import {VoterRegister} from "./VoterRegister.sol";

/**
 * @title The ballot box: polls, and the ballots that voters signed for them
 * @author ballotstorm
 * @notice Counts one ballot for each voter and poll. A ballot counts when the voter signed it (EIP-712) and anybody
 * carried it here in a batch, or when the voter sent it. There is no secrecy: who chose what, and the tally so far,
 * can be read by everybody at any time. After a poll's sealing time its tally can no longer change.
 * @dev No event marks a ballot that a batch brought in. Contracts may not call, so the calldata of the transactions
 * less the `BallotSkipped` events is the complete record of all batches.
 */
contract BallotBox is IBallotBox {
    /**
     * @dev A poll as it is kept. The first slot holds all that counting a ballot needs but the digest.
     * `marks`: bit `voterIndex % 256` of word `voterIndex / 256` is set when the voter has voted.
     * `counts`: word `choice / 8` holds the counts of 8 options, 32 bits each, the lowest option lowest. A count is at
     * most the register's size, which is a uint32, so no count runs over into its neighbour.
     */
    struct StoredPoll {
        address register;
        uint40 opensAt;
        uint40 sealsAt;
        uint8 optionCount;
        bytes32 pollDigest;
        uint40 closesAt;
        uint32 voterCount;
        mapping(uint256 word => uint256 bits) marks;
        mapping(uint256 word => uint256 counts) counts;
    }

    /**
     * @dev What a batch carries from one record to the next, so that neighbours share reads and writes.
     * `refusal`: the reason for which the poll as a whole takes no ballots, or 0.
     * `chunk`: the register's chunk `chunkIndex`.
     * `marks`: the bitmap word `wordIndex`, written back when another word is needed.
     * `counts`: the poll's new ballots, packed as in `StoredPoll.counts`, 32 words for up to 255 options; added to
     * storage when another poll follows.
     */
    struct Tallying {
        uint256 pollId;
        uint256 refusal;
        address register;
        uint256 optionCount;
        bytes32 pollDigest;
        bytes32 domain;
        uint256 chunkIndex;
        address chunk;
        uint256 wordIndex;
        uint256 marks;
        bool isMarksChanged;
        uint256[32] counts;
    }

    /// @notice Reason of `BallotSkipped`: there is no such poll.
    uint8 public constant UNKNOWN_POLL = 1;

    /// @notice Reason of `BallotSkipped`: the block is older than the poll's `opensAt`.
    uint8 public constant NOT_OPEN = 2;

    /// @notice Reason of `BallotSkipped`: the block is younger than the poll's `sealsAt`.
    uint8 public constant SEALED = 3;

    /// @notice Reason of `BallotSkipped`: the poll has no such option.
    uint8 public constant BAD_CHOICE = 4;

    /// @notice Reason of `BallotSkipped`: no address can be recovered, `s` is in the upper half, or `v` not 27 or 28.
    uint8 public constant BAD_SIGNATURE = 5;

    /// @notice Reason of `BallotSkipped`: the register has no such index, or another address at it than the signer's.
    uint8 public constant NOT_REGISTERED = 6;

    /// @notice Reason of `BallotSkipped`: a ballot of this voter was counted in this poll before.
    uint8 public constant ALREADY_VOTED = 7;

    /// @notice The EIP-712 type that a voter signs.
    bytes32 public constant BALLOT_TYPEHASH = SignedBallots.BALLOT_TYPEHASH;

    /// @notice Bytes of one record of `castBatch`.
    uint256 public constant RECORD_BYTES = SignedBallots.RECORD_BYTES;

    /// @dev No word and no chunk has this index: "none read yet".
    uint256 private constant _NONE = type(uint256).max;

    address private _organiser;
    /// @dev uint32, because records name polls by uint32; creating more reverts.
    uint32 private _pollCount;
    mapping(uint256 pollId => StoredPoll stored) private _polls;

    /// @dev Refuses contracts: what they pass on is in no transaction's calldata.
    modifier onlyTransaction() {
        // The origin authorises nothing here; it only tells a transaction from a call by a contract.
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin) revert BallotBoxCallerIsContract(msg.sender, tx.origin);
        _;
    }

    /// @notice Makes an empty box; the deployer is its organiser.
    constructor() {
        _organiser = msg.sender;
    }

    /// @inheritdoc IBallotBox
    function createPoll(
        string calldata question,
        string[] calldata options,
        address register,
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
        bytes32 pollDigest = keccak256(
            abi.encode(question, options, VoterRegister(register).commitment())
        );
        StoredPoll storage stored = _polls[pollId];
        stored.register = register;
        stored.opensAt = opensAt;
        stored.sealsAt = sealsAt;
        // Narrowing is safe: at most 255 options, see above, and a register counts its voters as uint32.
        stored.optionCount = uint8(options.length);
        stored.pollDigest = pollDigest;
        stored.closesAt = closesAt;
        stored.voterCount = uint32(VoterRegister(register).voterCount());
        emit PollCreated(
            pollId,
            pollDigest,
            register,
            opensAt,
            closesAt,
            sealsAt,
            question,
            options
        );
    }

    /// @inheritdoc IBallotBox
    function castBatch(bytes calldata ballots) external onlyTransaction {
        uint256 length = ballots.length;
        if (length == 0 || length % RECORD_BYTES != 0) {
            revert BallotBoxMalformedBatch(length, RECORD_BYTES);
        }

        Tallying memory tallying;
        tallying.refusal = UNKNOWN_POLL;
        tallying.domain = domainSeparator();
        tallying.chunkIndex = _NONE;
        tallying.wordIndex = _NONE;
        uint256 start = SignedBallots.position(ballots);
        uint256 skipped;
        // Unchecked: positions lie in the calldata, and `skipped` is at most the number of records in it.
        unchecked {
            for (uint256 record = start; record < start + length; record += RECORD_BYTES) {
                uint256 head = SignedBallots.wordAt(record);
                uint256 pollId = head >> 224;
                if (pollId != tallying.pollId) _turnTo(tallying, pollId);
                uint256 voterIndex = uint32(head >> 192);
                uint256 reason = _count(tallying, voterIndex, uint8(head >> 184), record);
                if (reason != 0) {
                    ++skipped;
                    emit BallotSkipped(
                        pollId,
                        voterIndex,
                        (record - start) / RECORD_BYTES,
                        uint8(reason)
                    );
                }
            }
            _settle(tallying);
            emit BatchCast(length / RECORD_BYTES - skipped, skipped);
        }
    }

    /// @inheritdoc IBallotBox
    function cast(
        uint256 pollId,
        bytes32 pollDigest,
        uint256 voterIndex,
        uint256 choice
    ) external onlyTransaction {
        StoredPoll storage stored = _known(pollId);
        uint256 opensAt = stored.opensAt;
        if (block.timestamp < opensAt) revert BallotBoxNotOpen(pollId, opensAt, block.timestamp);
        uint256 sealsAt = stored.sealsAt;
        if (block.timestamp > sealsAt) revert BallotBoxSealed(pollId, sealsAt, block.timestamp);
        bytes32 expected = stored.pollDigest;
        if (pollDigest != expected) revert BallotBoxWrongDigest(pollId, pollDigest, expected);
        uint256 optionCount = stored.optionCount;
        if (choice >= optionCount) revert BallotBoxBadChoice(pollId, choice, optionCount);
        if (!_isVoter(stored.register, voterIndex, msg.sender)) {
            revert BallotBoxNotRegistered(pollId, voterIndex, msg.sender);
        }
        uint256 marks = stored.marks[voterIndex >> 8];
        if (_isMarked(marks, voterIndex)) revert BallotBoxAlreadyVoted(pollId, voterIndex);

        stored.marks[voterIndex >> 8] = marks | (1 << (voterIndex & 0xff));
        // Unchecked: a count never exceeds the number of voters, see `StoredPoll`.
        unchecked {
            stored.counts[choice >> 3] += 1 << ((choice & 7) << 5);
        }
        emit BallotCast(pollId, voterIndex, choice);
    }

    /// @inheritdoc IBallotBox
    function tally(uint256 pollId) external view returns (uint256[] memory votes) {
        StoredPoll storage stored = _known(pollId);
        uint256 optionCount = stored.optionCount;
        votes = new uint256[](optionCount);
        for (uint256 choice; choice < optionCount; ++choice) {
            votes[choice] = uint32(stored.counts[choice >> 3] >> ((choice & 7) << 5));
        }
    }

    /// @inheritdoc IBallotBox
    function hasVoted(uint256 pollId, uint256 voterIndex) external view returns (bool) {
        return _isMarked(_known(pollId).marks[voterIndex >> 8], voterIndex);
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
        return
            Poll({
                pollDigest: stored.pollDigest,
                register: stored.register,
                voterCount: stored.voterCount,
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
     * @param voterIndex The voter.
     * @return Whether the voter has voted.
     */
    function _isMarked(uint256 marks, uint256 voterIndex) internal pure virtual returns (bool) {
        return (marks >> (voterIndex & 0xff)) & 1 != 0;
    }

    /**
     * @notice Writes back what the last poll's ballots changed and reads the next poll.
     * @param tallying The batch; changed.
     * @param pollId The next poll.
     */
    function _turnTo(Tallying memory tallying, uint256 pollId) private {
        _settle(tallying);
        StoredPoll storage stored = _polls[pollId];
        tallying.pollId = pollId;
        tallying.register = stored.register;
        tallying.optionCount = stored.optionCount;
        tallying.pollDigest = stored.pollDigest;
        tallying.chunkIndex = _NONE;
        tallying.wordIndex = _NONE;
        if (stored.optionCount == 0) tallying.refusal = UNKNOWN_POLL;
        else if (block.timestamp < stored.opensAt) tallying.refusal = NOT_OPEN;
        else if (block.timestamp > stored.sealsAt) tallying.refusal = SEALED;
        else tallying.refusal = 0;
    }

    /**
     * @notice Judges one record, and counts it in memory when it is good.
     * @param tallying The batch; changed.
     * @param voterIndex The record's voter.
     * @param choice The record's choice.
     * @param record Where the record starts in the calldata.
     * @return reason Why the record does not count, or 0 when it does.
     */
    function _count(
        Tallying memory tallying,
        uint256 voterIndex,
        uint256 choice,
        uint256 record
    ) private returns (uint256 reason) {
        if (tallying.refusal != 0) return tallying.refusal;
        if (choice >= tallying.optionCount) return BAD_CHOICE;
        address signer = SignedBallots.signer(
            SignedBallots.digest(tallying.domain, tallying.pollId, tallying.pollDigest, choice),
            record
        );
        if (signer == address(0)) return BAD_SIGNATURE;
        uint256 chunkIndex = voterIndex / RegisterChunks.VOTERS_PER_CHUNK;
        if (chunkIndex != tallying.chunkIndex) {
            tallying.chunkIndex = chunkIndex;
            tallying.chunk = RegisterChunks.chunkAt(tallying.register, chunkIndex);
        }
        if (
            signer !=
            RegisterChunks.voterIn(tallying.chunk, voterIndex % RegisterChunks.VOTERS_PER_CHUNK)
        ) {
            return NOT_REGISTERED;
        }
        if (voterIndex >> 8 != tallying.wordIndex) _turnToWord(tallying, voterIndex >> 8);
        if (_isMarked(tallying.marks, voterIndex)) return ALREADY_VOTED;

        tallying.marks |= 1 << (voterIndex & 0xff);
        tallying.isMarksChanged = true;
        // Unchecked: a count never exceeds the number of voters, see `StoredPoll`.
        unchecked {
            tallying.counts[choice >> 3] += 1 << ((choice & 7) << 5);
        }
    }

    /**
     * @notice Writes back the bitmap word in hand and reads another one.
     * @param tallying The batch; changed.
     * @param wordIndex The next word.
     */
    function _turnToWord(Tallying memory tallying, uint256 wordIndex) private {
        StoredPoll storage stored = _polls[tallying.pollId];
        if (tallying.isMarksChanged) stored.marks[tallying.wordIndex] = tallying.marks;
        tallying.wordIndex = wordIndex;
        tallying.marks = stored.marks[wordIndex];
        tallying.isMarksChanged = false;
    }

    /**
     * @notice Writes the current poll's bitmap word and new counts to storage.
     * @param tallying The batch; changed.
     */
    function _settle(Tallying memory tallying) private {
        StoredPoll storage stored = _polls[tallying.pollId];
        if (tallying.isMarksChanged) stored.marks[tallying.wordIndex] = tallying.marks;
        tallying.isMarksChanged = false;
        // Unchecked: counts never run over, see `StoredPoll`; 255 options + 7 fit.
        unchecked {
            uint256 words = (tallying.optionCount + 7) >> 3;
            for (uint256 word; word < words; ++word) {
                uint256 counts = tallying.counts[word];
                if (counts != 0) {
                    stored.counts[word] += counts;
                    tallying.counts[word] = 0;
                }
            }
        }
    }

    /**
     * @notice The stored poll with a number that must exist.
     * @param pollId The poll.
     * @return stored The poll.
     */
    function _known(uint256 pollId) private view returns (StoredPoll storage stored) {
        stored = _polls[pollId];
        if (stored.optionCount == 0) revert BallotBoxUnknownPoll(pollId);
    }

    /**
     * @notice Whether an address is the voter with an index.
     * @dev The register's size need not be read: past its end there are only zeros, and zero is no caller. Indexes
     * that no record can hold are refused, since `RegisterChunks.chunkAt` means nothing for chunks that far out.
     * @param register The register.
     * @param voterIndex The index.
     * @param account The address, not zero.
     * @return Whether it is.
     */
    function _isVoter(
        address register,
        uint256 voterIndex,
        address account
    ) private view returns (bool) {
        if (voterIndex > type(uint32).max) return false;
        address chunk = RegisterChunks.chunkAt(
            register,
            voterIndex / RegisterChunks.VOTERS_PER_CHUNK
        );
        return
            account == RegisterChunks.voterIn(chunk, voterIndex % RegisterChunks.VOTERS_PER_CHUNK);
    }
}

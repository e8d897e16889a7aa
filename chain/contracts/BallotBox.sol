// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {IBallotBox} from "./IBallotBox.sol";
import {Polls} from "./Polls.sol";
import {PollWords} from "./PollWords.sol";
import {RegisterChunks} from "./RegisterChunks.sol";
import {SignedBallots} from "./SignedBallots.sol";

/**
 * @title The ballot box: the ballots that voters signed for its polls
 * @author ballotstorm
 * @notice Counts one ballot for each voter and poll. A ballot counts when the voter signed it (EIP-712) and anybody
 * carried it here in a batch, or when the voter sent it. There is no secrecy: who chose what, and the tally so far,
 * can be read by everybody at any time. After a poll's sealing time its tally can no longer change.
 * @dev No event marks a ballot that a batch brought in. Contracts may not call, so the calldata of the transactions
 * less the `BallotSkipped` events is the complete record of all batches.
 */
contract BallotBox is Polls {
    /**
     * @dev What a batch carries from one record to the next, so that neighbours share reads and writes.
     * `refusal`: the reason for which the poll as a whole takes no ballots, or 0.
     * `firstVoter`, `voterCount`: the poll's slice of the register.
     * `chunk`: the register's chunk `chunkIndex`.
     * `marks`: the bitmap word `wordIndex`, written back when another word is needed.
     * `counts`: the poll's new ballots, packed as `PollWords` says, 43 words for up to 255 options; added to storage
     * when another poll follows.
     */
    struct Tallying {
        uint256 pollId;
        uint256 refusal;
        address register;
        uint256 firstVoter;
        uint256 voterCount;
        uint256 optionCount;
        bytes32 pollDigest;
        bytes32 domain;
        uint256 chunkIndex;
        address chunk;
        uint256 wordIndex;
        uint256 marks;
        bool isMarksChanged;
        uint256[43] counts;
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

    /// @notice Reason of `BallotSkipped`: the poll is not open to this voter index, or another address than the
    /// signer's stands at it in the register.
    uint8 public constant NOT_REGISTERED = 6;

    /// @notice Reason of `BallotSkipped`: a ballot of this voter was counted in this poll before.
    uint8 public constant ALREADY_VOTED = 7;

    /// @notice The EIP-712 type that a voter signs.
    bytes32 public constant BALLOT_TYPEHASH = SignedBallots.BALLOT_TYPEHASH;

    /// @notice Bytes of one record of `castBatch`.
    uint256 public constant RECORD_BYTES = SignedBallots.RECORD_BYTES;

    /// @dev No word and no chunk has this index: "none read yet".
    uint256 private constant _NONE = type(uint256).max;

    /// @dev Refuses contracts: what they pass on is in no transaction's calldata.
    modifier onlyTransaction() {
        // The origin authorises nothing here; it only tells a transaction from a call by a contract.
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin) revert BallotBoxCallerIsContract(msg.sender, tx.origin);
        _;
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
        uint256 wordIndex = choice / PollWords.OPTIONS_PER_WORD;
        uint256 word = stored.words[wordIndex];
        uint256 place = PollWords.placeOf(word, voterIndex);
        if (
            place >= PollWords.voterCount(word) ||
            !_isVoter(stored.register, voterIndex, msg.sender)
        ) {
            revert BallotBoxNotRegistered(pollId, voterIndex, msg.sender);
        }
        uint256 marks = stored.marks[place >> 8];
        if (_isMarked(marks, place)) revert BallotBoxAlreadyVoted(pollId, voterIndex);

        stored.marks[place >> 8] = marks | (1 << (place & 0xff));
        // Unchecked: a count never exceeds the number of voters, see `PollWords`.
        unchecked {
            stored.words[wordIndex] = word + PollWords.ballotFor(choice);
        }
        emit BallotCast(pollId, voterIndex, choice);
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
        uint256 word = stored.words[0];
        tallying.firstVoter = PollWords.firstVoter(word);
        tallying.voterCount = PollWords.voterCount(word);
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
        uint256 place;
        // Unchecked: below the slice's start it wraps to a number that no slice reaches.
        unchecked {
            place = voterIndex - tallying.firstVoter;
        }
        if (place >= tallying.voterCount) return NOT_REGISTERED;
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
        if (place >> 8 != tallying.wordIndex) _turnToWord(tallying, place >> 8);
        if (_isMarked(tallying.marks, place)) return ALREADY_VOTED;

        tallying.marks |= 1 << (place & 0xff);
        tallying.isMarksChanged = true;
        // Unchecked: a count never exceeds the number of voters, see `PollWords`.
        unchecked {
            tallying.counts[choice / PollWords.OPTIONS_PER_WORD] += PollWords.ballotFor(choice);
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
        // Unchecked: counts never run over, see `PollWords`; 255 options and 5 fit.
        unchecked {
            uint256 perWord = PollWords.OPTIONS_PER_WORD;
            uint256 words = (tallying.optionCount + perWord - 1) / perWord;
            for (uint256 index; index < words; ++index) {
                uint256 counts = tallying.counts[index];
                if (counts != 0) {
                    stored.words[index] += counts;
                    tallying.counts[index] = 0;
                }
            }
        }
    }

    /**
     * @notice Whether an address is the voter with an index.
     * @param register The register.
     * @param voterIndex The index; there is a voter with it, since the poll's slice holds it.
     * @param account The address.
     * @return Whether it is.
     */
    function _isVoter(
        address register,
        uint256 voterIndex,
        address account
    ) private view returns (bool) {
        address chunk = RegisterChunks.chunkAt(
            register,
            voterIndex / RegisterChunks.VOTERS_PER_CHUNK
        );
        return
            account == RegisterChunks.voterIn(chunk, voterIndex % RegisterChunks.VOTERS_PER_CHUNK);
    }
}

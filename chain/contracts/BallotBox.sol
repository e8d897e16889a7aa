// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {RegisterChunks} from "./RegisterChunks.sol";
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
contract BallotBox {
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

    /// @notice A poll, without its texts: those are in its `PollCreated` event, and `pollDigest` binds them.
    struct Poll {
        bytes32 pollDigest;
        address register;
        uint256 voterCount;
        uint256 optionCount;
        uint256 opensAt;
        uint256 closesAt;
        uint256 sealsAt;
    }

    /**
     * @dev What a batch carries from one record to the next, so that neighbours share reads and writes. `marks` is
     * the bitmap word `wordIndex`, written back when another word is needed; `counts` are the poll's new ballots in
     * the packing of `StoredPoll.counts`, 32 words for up to 255 options, added to storage when another poll follows. `refusal` is the reason for
     * which the poll as a whole takes no ballots, or 0.
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

    /// @notice Reason of `BallotSkipped`: the register has no such index, or the signer is not the voter of that index.
    uint8 public constant NOT_REGISTERED = 6;

    /// @notice Reason of `BallotSkipped`: a ballot of this voter was counted in this poll before.
    uint8 public constant ALREADY_VOTED = 7;

    /// @notice The EIP-712 type that a voter signs.
    bytes32 public constant BALLOT_TYPEHASH = keccak256(
        "Ballot(uint256 pollId,bytes32 pollDigest,uint256 choice)"
    );

    /// @notice Bytes of one record of `castBatch`.
    uint256 public constant RECORD_BYTES = 74;

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @dev Half of the order of secp256k1: of the two signatures with `s` and with order - `s` only the lower is taken.
    uint256 private constant S_MAX =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev No word and no chunk has this index: "none read yet".
    uint256 private constant NONE = type(uint256).max;

    address private _organiser;
    /// @dev uint32, because records name polls by uint32; creating more reverts.
    uint32 private _pollCount;
    mapping(uint256 pollId => StoredPoll) private _polls;

    /**
     * @notice A poll was created.
     * @param pollId Its number, from 1.
     * @param pollDigest Hash of question, options in order and the register's commitment; each ballot signs it.
     * @param register Who may vote.
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
     * @param reason Why: one of this contract's constants.
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
     * @notice A poll's register must be closed before.
     * @param register The register.
     */
    error BallotBoxRegisterNotClosed(address register);

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
     * @notice The caller is not the voter with this index.
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

    /**
     * @notice Creates a poll.
     * @dev The register is the organiser's choice and is trusted to be a `VoterRegister`; `pollDigest` binds its
     * commitment, which anybody can compute again from its chunks.
     * @param question The question.
     * @param options 2 to 255 options.
     * @param register A closed register of those who may vote.
     * @param opensAt First block timestamp (s) that counts.
     * @param closesAt Last time (s) at which a voting service accepts ballots; after `opensAt`.
     * @param sealsAt Last block timestamp (s) that counts; not before `closesAt`.
     * @return pollId The number of the poll, from 1.
     */
    function createPoll(
        string calldata question,
        string[] calldata options,
        address register,
        uint40 opensAt,
        uint40 closesAt,
        uint40 sealsAt
    ) external returns (uint256 pollId) {
        if (msg.sender != _organiser) revert BallotBoxUnauthorizedCaller(msg.sender, _organiser);
        if (options.length < 2 || options.length > type(uint8).max)
            revert BallotBoxBadOptionCount(options.length);
        if (opensAt >= closesAt || closesAt > sealsAt)
            revert BallotBoxBadTimes(opensAt, closesAt, sealsAt);
        if (!VoterRegister(register).isClosed()) revert BallotBoxRegisterNotClosed(register);

        pollId = ++_pollCount;
        bytes32 pollDigest = keccak256(
            abi.encode(question, options, VoterRegister(register).commitment())
        );
        StoredPoll storage stored = _polls[pollId];
        stored.register = register;
        stored.opensAt = opensAt;
        stored.sealsAt = sealsAt;
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

    /**
     * @notice Counts a batch of signed ballots. A ballot that does not count is skipped with an event and never
     * affects its neighbours.
     * @dev Records of 74 bytes, nothing between them: pollId (uint32), voterIndex (uint32), choice (uint8), r (32
     * bytes), s (32 bytes), v (1 byte, 27 or 28), numbers big-endian. Any order and any mix of polls is right; sorted
     * by poll and voter index it is cheapest.
     * @param ballots The records.
     */
    function castBatch(bytes calldata ballots) external onlyTransaction {
        uint256 length = ballots.length;
        if (length == 0 || length % RECORD_BYTES != 0)
            revert BallotBoxMalformedBatch(length, RECORD_BYTES);

        Tallying memory tallying;
        tallying.refusal = UNKNOWN_POLL;
        tallying.domain = domainSeparator();
        tallying.chunkIndex = NONE;
        tallying.wordIndex = NONE;
        uint256 skipped;
        uint256 position;
        // Unchecked: `offset` and the counters stay below the length of the calldata.
        unchecked {
            for (uint256 offset; offset < length; offset += RECORD_BYTES) {
                uint256 head = _word(ballots, offset);
                uint256 pollId = head >> 224;
                uint256 voterIndex = uint32(head >> 192);
                if (pollId != tallying.pollId) _turnTo(tallying, pollId);
                uint256 reason = _count(tallying, voterIndex, uint8(head >> 184), ballots, offset);
                if (reason != 0) {
                    emit BallotSkipped(pollId, voterIndex, position, uint8(reason));
                    ++skipped;
                }
                ++position;
            }
            _settle(tallying);
            emit BatchCast(position - skipped, skipped);
        }
    }

    /**
     * @notice Counts the ballot of the voter who sends this transaction.
     * @param pollId The poll.
     * @param pollDigest The poll's digest, as the voter knows it.
     * @param voterIndex The voter's index in the poll's register.
     * @param choice Index of the chosen option.
     */
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

    /**
     * @notice Ballots for each option so far. Final after `sealsAt`, readable before: no secrecy is claimed.
     * @param pollId The poll.
     * @return votes One number for each option, in the options' order.
     */
    function tally(uint256 pollId) external view returns (uint256[] memory votes) {
        StoredPoll storage stored = _known(pollId);
        uint256 optionCount = stored.optionCount;
        votes = new uint256[](optionCount);
        for (uint256 choice; choice < optionCount; ++choice) {
            votes[choice] = uint32(stored.counts[choice >> 3] >> ((choice & 7) << 5));
        }
    }

    /**
     * @notice Whether a ballot of the voter was counted in the poll.
     * @param pollId The poll.
     * @param voterIndex The voter's index in the poll's register.
     * @return True once it was counted.
     */
    function hasVoted(uint256 pollId, uint256 voterIndex) external view returns (bool) {
        return _isMarked(_known(pollId).marks[voterIndex >> 8], voterIndex);
    }

    /**
     * @notice The EIP-712 digest that a voter signs to choose an option.
     * @param pollId The poll.
     * @param choice Index of the option.
     * @return The digest to sign.
     */
    function ballotDigest(uint256 pollId, uint256 choice) external view returns (bytes32) {
        StoredPoll storage stored = _known(pollId);
        uint256 optionCount = stored.optionCount;
        if (choice >= optionCount) revert BallotBoxBadChoice(pollId, choice, optionCount);
        return _digest(domainSeparator(), pollId, stored.pollDigest, choice);
    }

    /**
     * @notice A poll, without its texts.
     * @param pollId The poll.
     * @return What is stored of it.
     */
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

    /**
     * @notice Polls created so far; their numbers are 1 to this.
     * @return Their number.
     */
    function pollCount() external view returns (uint256) {
        return _pollCount;
    }

    /**
     * @notice Who creates polls.
     * @return The organiser's address.
     */
    function organiser() external view returns (address) {
        return _organiser;
    }

    /**
     * @notice The EIP-712 domain of the ballots: name "ballotstorm", version "1", this chain, this contract.
     * @dev Computed at each use, which costs a batch some 200 gas: so it follows a chain that changes its id, and the
     * code on chain is the compiler's output, byte for byte.
     * @return The domain separator.
     */
    function domainSeparator() public view returns (bytes32) {
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
     * @dev Whether a voter's bit is set. This is the only guard against a second ballot; virtual, so that a test can
     * take it away and see the checks fail.
     * @param marks The bitmap word that holds the voter.
     * @param voterIndex The voter.
     * @return Whether the voter has voted.
     */
    function _isMarked(uint256 marks, uint256 voterIndex) internal pure virtual returns (bool) {
        return (marks >> (voterIndex & 0xff)) & 1 != 0;
    }

    /**
     * @dev Writes back what the last poll's ballots changed and reads the next poll.
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
        tallying.chunkIndex = NONE;
        tallying.wordIndex = NONE;
        if (stored.optionCount == 0) tallying.refusal = UNKNOWN_POLL;
        else if (block.timestamp < stored.opensAt) tallying.refusal = NOT_OPEN;
        else if (block.timestamp > stored.sealsAt) tallying.refusal = SEALED;
        else tallying.refusal = 0;
    }

    /**
     * @dev Judges one record, and counts it in memory when it is good.
     * @param tallying The batch; changed.
     * @param voterIndex The record's voter.
     * @param choice The record's choice.
     * @param ballots All records.
     * @param offset Where the record starts.
     * @return reason Why the record does not count, or 0 when it does.
     */
    function _count(
        Tallying memory tallying,
        uint256 voterIndex,
        uint256 choice,
        bytes calldata ballots,
        uint256 offset
    ) private returns (uint256 reason) {
        if (tallying.refusal != 0) return tallying.refusal;
        if (choice >= tallying.optionCount) return BAD_CHOICE;
        address signer = _signer(
            _digest(tallying.domain, tallying.pollId, tallying.pollDigest, choice),
            ballots,
            offset
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
     * @dev Writes back the bitmap word in hand and reads another one.
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
     * @dev Writes the current poll's bitmap word and new counts to storage.
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
     * @dev Who signed a record. Running out of gas inside the recovery reverts the whole batch, so a carrier cannot
     * make a good signature look bad by giving little gas.
     * @param digest The EIP-712 digest of the record's ballot.
     * @param ballots All records.
     * @param offset Where the record starts.
     * @return The signer, or zero for a signature that is malformed or not the lower one of its two forms.
     */
    function _signer(
        bytes32 digest,
        bytes calldata ballots,
        uint256 offset
    ) private pure returns (address) {
        // Unchecked: `offset` is below the length of the calldata.
        unchecked {
            uint256 s = _word(ballots, offset + 41);
            uint256 v = _word(ballots, offset + 73) >> 248;
            if (s > S_MAX || (v != 27 && v != 28)) return address(0);
            return ecrecover(digest, uint8(v), bytes32(_word(ballots, offset + 9)), bytes32(s));
        }
    }

    /**
     * @dev The stored poll with a number that must exist.
     * @param pollId The poll.
     * @return stored The poll.
     */
    function _known(uint256 pollId) private view returns (StoredPoll storage stored) {
        stored = _polls[pollId];
        if (stored.optionCount == 0) revert BallotBoxUnknownPoll(pollId);
    }

    /**
     * @dev Whether an address is the voter with an index. The register's size need not be read: past its end there
     * are only zeros, and zero is no caller.
     * @param register The register.
     * @param voterIndex The index; one that no ballot can name belongs to nobody.
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

    /**
     * @dev The EIP-712 digest of a ballot: keccak256(0x1901, domain, keccak256(typehash, pollId, pollDigest, choice)).
     * In assembly because a batch needs it for each record, and `abi.encode` would take new memory each time.
     * @param domain The domain separator.
     * @param pollId The poll.
     * @param pollDigest The poll's digest.
     * @param choice The choice.
     * @return digest The digest.
     */
    function _digest(
        bytes32 domain,
        uint256 pollId,
        bytes32 pollDigest,
        uint256 choice
    ) private pure returns (bytes32 digest) {
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
            digest := keccak256(free, 0x42)
        }
    }

    /**
     * @dev The 32 bytes of calldata from an offset on, zeros past the end.
     * @param data The calldata.
     * @param offset Where they start in `data`.
     * @return word The bytes.
     */
    function _word(bytes calldata data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }
}

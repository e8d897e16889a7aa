// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {Owned} from "./Owned.sol";

// The interface of 2017 names its readers as it likes.
// solhint-disable func-name-mixedcase

/**
 * @title A question of a poll, and all votes on it
 * @author ballotstorm
 * @notice The owner sends every vote; the voter signs nothing, and no register knows the voter's key. Results and
 * everybody's answer can be read at any time. A vote that is refused does not revert: the event `VoteError` tells, the
 * receipt says success. No event tells of a vote that counts.
 * @dev Names and semantics are those of the public interface of 2017.
 */
contract PollQuestion is Owned {
    /// @dev What is asked at a time. Votes name a version and are counted in it.
    struct Version {
        bool isKnown;
        string name;
        string answers;
        uint256[] answerIds;
        uint256[] results;
    }

    /// @dev What a voter answered.
    struct Vote {
        uint256[] options;
        string customAnswer;
        string customAnswer2;
    }

    /// @notice Code of `VoteError`: the voter's key was used before, in whatever version.
    uint256 private constant _VOTED_ALREADY = 1;

    /// @notice Code of `VoteError`: there is no such version.
    uint256 private constant _UNKNOWN_VERSION = 2;

    uint256 private _id;
    uint256 private _currentVersion;
    uint256[] private _versionIds;
    mapping(uint256 versionId => Version version) private _versions;
    string[] private _voters;
    /// @dev A voter's place in `_voters`, from 1.
    mapping(string userKey => uint256 place) private _places;
    mapping(string userKey => Vote cast) private _votes;

    /**
     * @notice A vote was refused.
     * @param questionId This question.
     * @param versionId The version that the vote named.
     * @param userKey The voter's key.
     * @param code 1 = voted already, 2 = unknown version.
     */
    event VoteError(uint256 questionId, uint256 versionId, string userKey, uint256 code);

    /**
     * @notice A version was added, and is the current one.
     * @param questionId This question.
     * @param versionId The version.
     */
    event VersionAdded(uint256 questionId, uint256 versionId);

    /**
     * @notice A version was refused, because there is one of that number.
     * @param questionId This question.
     * @param versionId The version.
     */
    event VersionError(uint256 questionId, uint256 versionId);

    /**
     * @notice Makes a question with its first version.
     * @param id The question's number.
     * @param versionId The version's number.
     * @param name What is asked.
     * @param answers The answers' texts, all in one.
     * @param answerIds The answers' numbers; votes name answers by their places in this list.
     */
    constructor(
        uint256 id,
        uint256 versionId,
        string memory name,
        string memory answers,
        uint256[] memory answerIds
    ) {
        _id = id;
        _addVersion(versionId, name, answers, answerIds);
    }

    /**
     * @notice Writes a vote down and counts it, unless the voter has voted or there is no such version.
     * @dev An option that is named twice counts twice. One that does not exist reverts, as array bounds do.
     * @param version The version that was answered.
     * @param userKey Who votes.
     * @param options The answers' places in the version's list.
     * @param customAnswer An answer in words, or nothing.
     * @param customAnswer2 Another one, or nothing.
     */
    function vote(
        uint256 version,
        string calldata userKey,
        uint256[] calldata options,
        string calldata customAnswer,
        string calldata customAnswer2
    ) external onlyOwner {
        if (!_versions[version].isKnown) {
            emit VoteError(_id, version, userKey, _UNKNOWN_VERSION);
            return;
        }
        if (_places[userKey] != 0) {
            emit VoteError(_id, version, userKey, _VOTED_ALREADY);
            return;
        }

        _voters.push(userKey);
        _places[userKey] = _voters.length;
        _votes[userKey] = Vote(options, customAnswer, customAnswer2);
        uint256[] storage results = _versions[version].results;
        for (uint256 i; i < options.length; ++i) ++results[options[i]];
    }

    /**
     * @notice Asks anew: adds a version and makes it the current one. Votes and results of earlier versions stay.
     * @param versionId The version's number.
     * @param name What is asked.
     * @param answers The answers' texts, all in one.
     * @param answerIds The answers' numbers.
     */
    function addVersion(
        uint256 versionId,
        string calldata name,
        string calldata answers,
        uint256[] calldata answerIds
    ) external onlyOwner {
        if (_versions[versionId].isKnown) emit VersionError(_id, versionId);
        else _addVersion(versionId, name, answers, answerIds);
    }

    /**
     * @notice How many have voted, in all versions.
     * @return The number.
     */
    function VoterCount() external view returns (uint256) {
        return _voters.length;
    }

    /**
     * @notice The version that was added last.
     * @return Its number.
     */
    function CurrentVersion() external view returns (uint256) {
        return _currentVersion;
    }

    /**
     * @notice What the current version's answers have got so far.
     * @return A number for each answer.
     */
    function CurrentVersionResults() external view returns (uint256[] memory) {
        return _versions[_currentVersion].results;
    }

    /**
     * @notice What a version's answers have got so far.
     * @param versionId The version.
     * @return A number for each answer; none for an unknown version.
     */
    function ResultsByVersion(uint256 versionId) external view returns (uint256[] memory) {
        return _versions[versionId].results;
    }

    /**
     * @notice What somebody answered; all empty when they have not voted.
     * @param userKey The voter's key.
     * @return The answers' places.
     * @return The answer in words.
     * @return The other one.
     */
    function VoteOfUser(
        string calldata userKey
    ) external view returns (uint256[] memory, string memory, string memory) {
        Vote storage cast = _votes[userKey];
        return (cast.options, cast.customAnswer, cast.customAnswer2);
    }

    /**
     * @notice All versions in the order in which they came.
     * @return Their numbers.
     */
    function AllExistingVersions() external view returns (uint256[] memory) {
        return _versionIds;
    }

    /**
     * @notice The answers' texts of a version.
     * @param versionId The version.
     * @return All in one, as they were given.
     */
    function AnswersByVersion(uint256 versionId) external view returns (string memory) {
        return _versions[versionId].answers;
    }

    /**
     * @notice The answers' numbers of a version.
     * @param versionId The version.
     * @return The numbers, in the order of the results.
     */
    function AnswerIdsByVersion(uint256 versionId) external view returns (uint256[] memory) {
        return _versions[versionId].answerIds;
    }

    /**
     * @notice Writes a new version down.
     * @param versionId The version's number.
     * @param name What is asked.
     * @param answers The answers' texts, all in one.
     * @param answerIds The answers' numbers.
     */
    function _addVersion(
        uint256 versionId,
        string memory name,
        string memory answers,
        uint256[] memory answerIds
    ) private {
        Version storage version = _versions[versionId];
        version.isKnown = true;
        version.name = name;
        version.answers = answers;
        version.answerIds = answerIds;
        version.results = new uint256[](answerIds.length);
        _versionIds.push(versionId);
        _currentVersion = versionId;
        emit VersionAdded(_id, versionId);
    }
}

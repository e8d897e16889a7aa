// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {Owned} from "./Owned.sol";
import {PollQuestion} from "./PollQuestion.sol";

// The interface of 2017 names its readers as it likes.
// solhint-disable func-name-mixedcase

/**
 * @title A poll: a name, and questions that are contracts of their own
 * @author ballotstorm
 * @notice It has no time of opening or closing.
 * @dev Names and semantics are those of the public interface of 2017.
 */
contract Poll is Owned {
    /// @dev The interface has no reader for the texts: they lie in the contract's storage.
    string private _name;
    string private _description;
    address[] private _questions;
    uint256[] private _questionIds;

    /**
     * @notice A question was added.
     * @param questionAddress Its contract.
     */
    event QuestionAdded(address questionAddress);

    /**
     * @notice Makes a poll without questions.
     * @param name Its name.
     * @param description What it is about.
     */
    constructor(string memory name, string memory description) {
        _name = name;
        _description = description;
    }

    /**
     * @notice Creates a question; it obeys whoever owns this poll now.
     * @param id The question's number.
     * @param versionId Number of its first version.
     * @param name What is asked.
     * @param answers The answers' texts, all in one.
     * @param answerIds The answers' numbers.
     * @return questionAddress The question's contract.
     */
    function addQuestion(
        uint256 id,
        uint256 versionId,
        string calldata name,
        string calldata answers,
        uint256[] calldata answerIds
    ) external onlyOwner returns (address questionAddress) {
        PollQuestion question = new PollQuestion(id, versionId, name, answers, answerIds);
        question.changeOwner(msg.sender);
        questionAddress = address(question);
        _questions.push(questionAddress);
        _questionIds.push(id);
        emit QuestionAdded(questionAddress);
    }

    /**
     * @notice All questions in the order in which they came.
     * @return Their contracts.
     */
    function QuestionsAddress() external view returns (address[] memory) {
        return _questions;
    }

    /**
     * @notice All questions in the order in which they came.
     * @return Their numbers.
     */
    function QuestionIds() external view returns (uint256[] memory) {
        return _questionIds;
    }
}

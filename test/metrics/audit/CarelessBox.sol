// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title A ballot box as seen from outside, that checks nothing
 * @author ballotstorm
 * @notice Counts whatever it is sent, or refuses everything: what an auditor must notice.
 */
contract CarelessBox {
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
    event BallotSkipped(
        uint256 indexed pollId,
        uint256 indexed voterIndex,
        uint256 position,
        uint8 reason
    );
    event BatchCast(uint256 accepted, uint256 skipped);

    uint8 private _refusal;
    mapping(uint256 pollId => uint256[] votes) private _votes;

    function open(
        uint256 pollId,
        bytes32 pollDigest,
        address register,
        uint40 opensAt,
        uint40 sealsAt,
        string calldata question,
        string[] calldata options
    ) external {
        _votes[pollId] = new uint256[](options.length);
        emit PollCreated(
            pollId,
            pollDigest,
            register,
            0,
            0,
            opensAt,
            sealsAt,
            sealsAt,
            question,
            options
        );
    }

    function refuse(uint8 refusal) external {
        _refusal = refusal;
    }

    function castBatch(bytes calldata ballots) external {
        uint256 count = ballots.length / 74;
        for (uint256 index; index < count; ++index) {
            bytes calldata record = ballots[index * 74:];
            uint256 pollId = uint32(bytes4(record[:4]));
            uint256 voterIndex = uint32(bytes4(record[4:8]));
            if (_refusal != 0) emit BallotSkipped(pollId, voterIndex, index, _refusal);
            else if (uint8(record[8]) < _votes[pollId].length) ++_votes[pollId][uint8(record[8])];
        }
        if (_refusal != 0) emit BatchCast(0, count);
        else emit BatchCast(count, 0);
    }

    function tally(uint256 pollId) external view returns (uint256[] memory votes) {
        return _votes[pollId];
    }
}

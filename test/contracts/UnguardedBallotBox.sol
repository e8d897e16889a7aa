// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

import {BallotBox} from "../../chain/contracts/BallotBox.sol";
import {Polls} from "../../chain/contracts/Polls.sol";

/**
 * @title A ballot box without its guard: for tests only
 * @author ballotstorm
 * @notice Counts every good ballot as often as it comes. Whoever claims to notice double votes must notice them here.
 */
contract UnguardedBallotBox is BallotBox {
    /**
     * @notice Never set, whatever the bitmap says.
     * @inheritdoc Polls
     */
    function _isMarked(uint256, uint256) internal pure override returns (bool) {
        return false;
    }
}

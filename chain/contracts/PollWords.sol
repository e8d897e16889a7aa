// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.28;

/**
 * @title How the counts of a poll, and who may vote in it, share words of storage
 * @author ballotstorm
 * @notice A word holds the counts of 6 options, 32 bits each, the lowest option lowest; above them the slice of the
 * register that votes in the poll: its first voter in bits 192 to 223, its number of voters in bits 224 to 255.
 * @dev Each word of a poll carries the slice, so that whoever counts a ballot has read it with the count. A count is
 * at most the slice's number of voters, which is a uint32, so no count runs over into its neighbour.
 */
library PollWords {
    /// @notice Options whose counts a word holds.
    uint256 internal constant OPTIONS_PER_WORD = 6;

    /// @notice Bits of a count, of a voter index, and of a number of voters.
    uint256 internal constant FIELD_BITS = 32;

    /**
     * @notice The word of a poll in which nobody has voted.
     * @param first The slice's first voter.
     * @param voters The slice's number of voters.
     * @return word The word.
     */
    function empty(uint32 first, uint32 voters) internal pure returns (uint256 word) {
        word = ((uint256(voters) << FIELD_BITS) | first) << (OPTIONS_PER_WORD * FIELD_BITS);
    }

    /**
     * @notice One ballot for an option, to be added to the word that holds the option's count.
     * @param choice The option.
     * @return The word to add.
     */
    function ballotFor(uint256 choice) internal pure returns (uint256) {
        // Unchecked: at most 5 * 32.
        unchecked {
            return 1 << ((choice % OPTIONS_PER_WORD) * FIELD_BITS);
        }
    }

    /**
     * @notice Ballots for an option.
     * @param word The word that holds the option's count.
     * @param choice The option.
     * @return Their number.
     */
    function countOf(uint256 word, uint256 choice) internal pure returns (uint256) {
        return uint32(word >> ((choice % OPTIONS_PER_WORD) * FIELD_BITS));
    }

    /**
     * @notice The first voter of the slice.
     * @param word Any word of the poll.
     * @return The voter's index in the register.
     */
    function firstVoter(uint256 word) internal pure returns (uint256) {
        return uint32(word >> (OPTIONS_PER_WORD * FIELD_BITS));
    }

    /**
     * @notice Voters of the slice.
     * @param word Any word of the poll.
     * @return Their number.
     */
    function voterCount(uint256 word) internal pure returns (uint256) {
        return word >> ((OPTIONS_PER_WORD + 1) * FIELD_BITS);
    }

    /**
     * @notice A voter's place in the slice, from 0. The slice holds the voter when it is below `voterCount`.
     * @dev Unchecked: below the slice's start it wraps to a number that no slice reaches.
     * @param word Any word of the poll.
     * @param voterIndex The voter's index in the register.
     * @return place The place.
     */
    function placeOf(uint256 word, uint256 voterIndex) internal pure returns (uint256 place) {
        unchecked {
            place = voterIndex - firstVoter(word);
        }
    }
}

import { Interface } from 'ethers'

/**
 * The wire of the contracts: what callers encode and what readers of the chain decode. Kept apart
 * from the compiled contracts, so that a reader who trusts nobody needs none of them.
 */
export const ballotBox: Interface = new Interface([
  'function createPoll(string question, string[] options, address register, uint32 firstVoter, uint32 voterCount, uint40 opensAt, uint40 closesAt, uint40 sealsAt) returns (uint256 pollId)',
  'function castBatch(bytes ballots)',
  'function cast(uint256 pollId, bytes32 pollDigest, uint256 voterIndex, uint256 choice)',
  'function pollCount() view returns (uint256)',
  'function tally(uint256 pollId) view returns (uint256[])',
  'function hasVoted(uint256 pollId, uint256 voterIndex) view returns (bool)',
  'event PollCreated(uint256 indexed pollId, bytes32 pollDigest, address indexed register, uint32 firstVoter, uint32 voterCount, uint40 opensAt, uint40 closesAt, uint40 sealsAt, string question, string[] options)',
  'event BallotSkipped(uint256 indexed pollId, uint256 indexed voterIndex, uint256 position, uint8 reason)',
  'event BatchCast(uint256 accepted, uint256 skipped)',
  'event BallotCast(uint256 indexed pollId, uint256 indexed voterIndex, uint256 choice)',
])

/** The wire of the register of voters. */
export const voterRegister: Interface = new Interface([
  'function enrol(bytes packedAddresses)',
  'function close()',
  'function voterCount() view returns (uint256)',
  'function commitment() view returns (bytes32)',
  'function isClosed() view returns (bool)',
])

/** Why a ballot in a batch was skipped; the numbers of the event `BallotSkipped`. */
export const SKIP_REASONS = {
  1: 'unknown poll',
  2: 'not open',
  3: 'sealed',
  4: 'bad choice',
  5: 'bad signature',
  6: 'not registered',
  7: 'already voted',
} as const

/** Voters in one chunk of the register: 24,560 bytes, the most that contract code holds whole. */
export const REGISTER_CHUNK_VOTERS = 1228

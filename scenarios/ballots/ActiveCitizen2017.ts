import { Interface } from 'ethers'

/**
 * The wire of the system of 2017: what its contracts take and tell. Written down from the published
 * interface, so that a deployment that somebody else compiled is driven and read all the same.
 */
export const root: Interface = new Interface([
  'function Count() view returns (uint256)',
  'function getAllPollIds() view returns (uint256[])',
  'function getAllPollAddresses() view returns (address[])',
  'function getAddress(uint256 pollId) view returns (address)',
  'function pushAddress(uint256 pollId, address poll)',
])

export const poll: Interface = new Interface([
  'constructor(string name, string description)',
  'function QuestionsAddress() view returns (address[])',
  'function QuestionIds() view returns (uint256[])',
  'function addQuestion(uint256 id, uint256 versionId, string name, string answers, uint256[] answerIds) returns (address)',
  'event QuestionAdded(address questionAddress)',
])

export const question: Interface = new Interface([
  'constructor(uint256 id, uint256 versionId, string name, string answers, uint256[] answerIds)',
  'function vote(uint256 version, string userKey, uint256[] options, string customAnswer, string customAnswer2)',
  'function addVersion(uint256 versionId, string name, string answers, uint256[] answerIds)',
  'function VoterCount() view returns (uint256)',
  'function CurrentVersion() view returns (uint256)',
  'function CurrentVersionResults() view returns (uint256[])',
  'function ResultsByVersion(uint256 versionId) view returns (uint256[])',
  'function VoteOfUser(string userKey) view returns (uint256[], string, string)',
  'function AllExistingVersions() view returns (uint256[])',
  'function AnswersByVersion(uint256 versionId) view returns (string)',
  'function AnswerIdsByVersion(uint256 versionId) view returns (uint256[])',
  // Code 1: voted already; 2: unknown version. It does not revert, and its receipt says status 1.
  'event VoteError(uint256 questionId, uint256 versionId, string userKey, uint256 code)',
  'event VersionAdded(uint256 questionId, uint256 versionId)',
  'event VersionError(uint256 questionId, uint256 versionId)',
])

/** What all three inherit. */
export const owned: Interface = new Interface([
  'function changeOwner(address newOwner)',
  'event AccessDenied(address account)',
])

/** Where votes of one of our polls go. */
export type Question = {
  pollId: number
  /** The PollQuestion, `0x` and 40 lower-case hex digits. */
  address: string
  /** The version that votes name. */
  version: number
}

/**
 * The `userKey` under which a voter's vote is mirrored: the index (8 hex digits) and the address (40).
 * No registry checks it; this form lets a reader name the voter and look into the register.
 */
export function userKey(voterIndex: number, voter: string): string {
  return `${voterIndex.toString(16).padStart(8, '0')}${voter.slice(2).toLowerCase()}`
}

/** The voter that a `userKey` names, `undefined` where it is not of our form: somebody else's vote. */
export function voterOf(key: string): { voterIndex: number; voter: string } | undefined {
  if (!/^[0-9a-f]{48}$/.test(key)) return undefined
  return { voterIndex: Number.parseInt(key.slice(0, 8), 16), voter: `0x${key.slice(8)}` }
}

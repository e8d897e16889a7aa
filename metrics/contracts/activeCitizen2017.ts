import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import type { Log } from '../ethereum/TransactionReceipt.ts'
import * as Calldata from './Calldata.ts'
import { isAt, nothing, type Contracts, type Decoder, type Proof } from './Decoder.ts'
import type { Executed, Reading } from './Decoder.ts'
import * as events from './events.ts'
import * as Questions from './Questions.ts'
import { numberOf } from './numberOf.ts'

/** Votes of the system of 2017: a Root, the polls that it lists, and their questions. */
export const decoder = {
  kind: 'active-citizen-2017',
  mark: ActiveCitizen2017.root.getFunction('getAllPollIds')?.selector ?? '',
  findQuestions: Questions.find,
  // No event tells of them: see Questions.
  pollsIn: () => [],
  read,
  readTallies: (node, _, at) => Questions.readTallies(node, at),
  tallyOf: ({ recount, voterCount }) => [...recount, voterCount],
} as const satisfies Decoder

/** What a call of a question or of the Root asks for. */
export type Call =
  | { method: 'vote'; version: number; userKey: string; options: number[] }
  | { method: 'pushAddress'; poll: string; address: string }

/**
 * What a call asks for, whatever compiler made the contract: a transaction that was not reverted
 * says the same under the rules of 0.4, which know no end of the calldata, and of 0.8.
 *
 * @returns a vote's key with a character for each byte, since keys need not be text; a pushed poll's
 *   number in decimal; `undefined` for another call.
 */
export function decodeCall(calldata: Uint8Array | string): Call | undefined {
  const data = Calldata.from(calldata)
  if (Calldata.calls(data, SELECTORS.pushAddress)) {
    const address = `0x${Calldata.bytesOfArgument(data, 1).toString('hex', 12)}`
    return { method: 'pushAddress', poll: String(Calldata.argument(data, 0)), address }
  }
  if (!Calldata.calls(data, SELECTORS.vote)) return undefined
  const userKey = Calldata.unbounded(data, 1, 1)
  const options = Calldata.unbounded(data, 2, 32)
  if (userKey === undefined || options === undefined) return undefined
  return {
    method: 'vote',
    version: Number(Calldata.argument(data, 0)),
    userKey: userKey.toString('latin1'),
    options: Calldata.words(options).map(numberOf),
  }
}

/** A transaction to a question. */
export type QuestionCall = {
  question: ActiveCitizen2017.Question
  /** Its hash. */
  transaction: string
  /** Undefined where it is another call. */
  vote: Vote | undefined
}

/** A vote as its calldata and events tell it. */
export type Vote = {
  question: ActiveCitizen2017.Question
  transaction: string
  /** A character for each byte. */
  userKey: string
  /** Whom the key names; `undefined` where it is not of our form: somebody else's vote. */
  voter: ReturnType<typeof ActiveCitizen2017.voterOf>
  version: number
  options: number[]
  /** The code of `VoteError`, or that the sender is not the owner. */
  refusal: number | 'access denied' | undefined
}

/** The transactions to questions, in their order. */
export function callsIn(
  executed: readonly Executed[],
  questions: Contracts['questions'],
): QuestionCall[] {
  const byAddress = new Map(questions.map((question) => [question.address, question]))
  return executed.flatMap((one): QuestionCall[] => {
    const question = byAddress.get(one.to?.toLowerCase() ?? '')
    if (question === undefined) return []
    const call = decodeCall(one.input)
    const transaction = one.hash
    if (call?.method !== 'vote') return [{ question, transaction, vote: undefined }]
    const { version, userKey, options } = call
    const voter = ActiveCitizen2017.voterOf(userKey)
    const refusal = refusalIn(one.logs, question.address)
    const vote = { question, transaction, voter, refusal, version, userKey, options }
    return [{ question, transaction, vote }]
  })
}

/** The calldata of every vote that no event says was refused, and of those that came again. */
function read(executed: readonly Executed[], { main, questions }: Contracts): Reading {
  const reading = nothing()
  for (const { hash, to, input, logs } of executed) {
    if (!isAt(to, main) || refusalIn(logs, main) !== undefined) continue
    const call = decodeCall(input)
    if (call?.method !== 'pushAddress') continue
    reading.pushes.push({ poll: call.poll, address: call.address, transaction: hash })
  }
  for (const { vote } of callsIn(executed, questions)) {
    if (vote?.refusal !== undefined && vote.refusal !== VOTED_ALREADY.code) continue
    if (vote !== undefined) addVote(reading, vote)
  }
  return reading
}

/** The code of a `VoteError`, and the reason that it stands for. */
const VOTED_ALREADY = { code: 1, skipReason: 7 }

/** One vote of many options takes a record for each; more are not a vote but an attack. */
const OPTIONS_MAX = 255

function addVote(reading: Reading, vote: Vote): void {
  const { question, version, options } = vote
  const transaction = reading.transactions.push(vote.transaction) - 1
  const contradict = (reason: string): void => {
    reading.contradictions.push({ transaction: vote.transaction, reason })
  }
  if (version !== question.version) {
    return contradict(`a vote in version ${version}, the poll is in version ${question.version}`)
  }
  const greatest = options.reduce((a, b) => Math.max(a, b), 0)
  if (options.length > OPTIONS_MAX || greatest > OPTIONS_MAX) {
    return contradict(`a vote of ${options.length} options, up to ${greatest}`)
  }
  const { pollId } = question
  const skipReason = vote.refusal === undefined ? 0 : VOTED_ALREADY.skipReason
  const voterIndex = vote.voter?.voterIndex ?? 0
  options.forEach((choice, index) => {
    const proof = index === 0 ? proofOf(vote) : FURTHER
    reading.ballots.push({ pollId, voterIndex, choice, skipReason, transaction, proof })
  })
  if (skipReason === 0 && options.length !== 1) {
    contradict(`a vote of ${options.length} options, of which each counts: ${options.join(', ')}`)
  }
}

const FURTHER = { kind: 'further', bytes: new Uint8Array() } as const

function proofOf({ voter }: Vote): Proof {
  if (voter === undefined) return { kind: 'unnamed', bytes: new Uint8Array() }
  return { kind: 'key', bytes: Buffer.from(voter.voter.slice(2), 'hex') }
}

function refusalIn(logs: readonly Log[], contract: string): Vote['refusal'] {
  for (const log of logs) {
    if (!isAt(log.address, contract)) continue
    if (log.topics[0] === ACCESS_DENIED) return 'access denied'
    // The code is the fourth argument; none is indexed.
    if (log.topics[0] === VOTE_ERROR) return numberOf(events.dataWord(log, 3))
  }
  return undefined
}

const SELECTORS = {
  vote: ActiveCitizen2017.question.getFunction('vote')?.selector ?? '',
  pushAddress: ActiveCitizen2017.root.getFunction('pushAddress')?.selector ?? '',
} as const
const VOTE_ERROR = ActiveCitizen2017.question.getEvent('VoteError')?.topicHash
const ACCESS_DENIED = ActiveCitizen2017.owned.getEvent('AccessDenied')?.topicHash

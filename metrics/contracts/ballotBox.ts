import * as Batch from '../../scenarios/ballots/Batch.ts'
import type * as SignedBallot from '../../scenarios/ballots/Ballot.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Log } from '../ethereum/TransactionReceipt.ts'
import { askTallies } from './askTallies.ts'
import * as Calldata from './Calldata.ts'
import { isAt, nothing, type Contradiction, type Decoder } from './Decoder.ts'
import type { Contracts, Executed, Reading } from './Decoder.ts'
import * as events from './events.ts'

/** Ballots that a BallotBox counted: voter-signed ones in batches, and voters' own transactions. */
export const decoder = {
  kind: 'ballot-box',
  mark: Contract.ballotBox.getFunction('castBatch')?.selector ?? '',
  findQuestions: async () => [],
  pollsIn: (executed, { main }) => events.pollsIn(executed, main),
  read,
  readTallies: (node, pollIds, at) =>
    askTallies(node, pollIds, { ...at, wire: Contract.ballotBox, method: 'tally' }),
  tallyOf: ({ recount }) => recount,
} as const satisfies Decoder

/** What a call of the BallotBox asks to count. */
export type Call =
  | { method: 'castBatch'; ballots: SignedBallot.Ballot[] }
  | { method: 'cast'; pollId: number; pollDigest: Buffer; voterIndex: number; choice: number }

/** The ballots of a call; `undefined` where the contract would revert, or it is another call. */
export function decodeCall(calldata: Uint8Array | string): Call | undefined {
  const data = Calldata.from(calldata)
  if (Calldata.calls(data, SELECTORS.castBatch)) return decodeBatch(data)
  if (!Calldata.calls(data, SELECTORS.cast) || !Calldata.hasArguments(data, 4)) return undefined
  const [pollId, voterIndex, choice] = [0, 2, 3].map((index) =>
    Number(Calldata.argument(data, index)),
  )
  // A greater number names no poll, voter or option: the contract reverts.
  if (pollId === undefined || pollId >= 2 ** 32) return undefined
  if (voterIndex === undefined || voterIndex >= 2 ** 32) return undefined
  if (choice === undefined || choice >= 2 ** 8) return undefined
  const pollDigest = Calldata.bytesOfArgument(data, 1)
  return { method: 'cast', pollId, pollDigest, voterIndex, choice }
}

function decodeBatch(data: Calldata.Calldata): Call | undefined {
  const batch = Calldata.hasArguments(data, 1) ? Calldata.bytes(data, 0) : undefined
  if (batch === undefined || batch.length === 0) return undefined
  if (batch.length % Batch.RECORD_SIZE_BYTES !== 0) return undefined
  return { method: 'castBatch', ballots: Batch.decode(batch) }
}

/**
 * From a batch all ballots of the calldata, with the reason of those that the events say were
 * skipped; from a voter's own transaction what its event says. A transaction without an event of
 * the contract failed and counts nothing.
 */
export function read(executed: readonly Executed[], { main }: Contracts): Reading {
  const reading = nothing()
  for (const { hash, to, input, logs } of executed) {
    const said = eventsIn(logs.filter(({ address }) => isAt(address, main)))
    if (Object.values(said).every((list) => list.length === 0)) continue
    const at = reading.transactions.push(hash) - 1
    const isOwn = isAt(to, main)
    const entered = { reading, said, at, call: isOwn ? decodeCall(input) : undefined }
    if (isOwn && said.batches.length + said.skips.length > 0) addBatch(entered)
    addCasts(entered, isOwn)
    if (!isOwn) contradict(entered, 'events of the BallotBox, but no transaction to it')
  }
  return reading
}

/** A transaction that the contract told of; `at` is its place in the reading. */
type Entered = { reading: Reading; at: number; said: Events; call: Call | undefined }

function addBatch(entered: Entered): void {
  const { reading, said, at, call } = entered
  if (call?.method !== 'castBatch') {
    return contradict(entered, 'a batch was counted, the calldata holds none')
  }
  const { ballots } = call
  const skips = new Map(said.skips.map((skip) => [skip.position, skip]))
  for (const [position, { signature, ...ballot }] of ballots.entries()) {
    const skip = skips.get(position)
    const proof = { kind: 'signature', bytes: signature } as const
    reading.ballots.push({ ...ballot, skipReason: skip?.reason ?? 0, transaction: at, proof })
    if (skip !== undefined && !isSameVoter(skip, ballot)) {
      contradict(entered, `at position ${position} another ballot was skipped than lies there`)
    }
  }
  const accepted = ballots.length - skips.size
  const [first, ...more] = said.batches
  const isBeyond = said.skips.some(({ position }) => position >= ballots.length)
  if (first?.accepted === accepted && more.length === 0 && !isBeyond) return
  contradict(
    entered,
    `the calldata less the skips holds ${accepted} ballots, the event says ${first?.accepted ?? 'nothing'}`,
  )
}

function addCasts(entered: Entered, isOwn: boolean): void {
  const { reading, said, at, call } = entered
  const signed = call?.method === 'cast' ? call : undefined
  for (const cast of said.casts) {
    const { pollId, voterIndex, choice } = cast
    const isSame = signed !== undefined && isSameVoter(signed, cast) && signed.choice === choice
    const proof = isSame
      ? ({ kind: 'sender', bytes: signed.pollDigest } as const)
      : ({ kind: 'event', bytes: new Uint8Array() } as const)
    reading.ballots.push({ pollId, voterIndex, choice, skipReason: 0, transaction: at, proof })
    if (isSame || !isOwn) continue
    const calldata = signed === undefined ? 'holds no ballot' : tell(signed)
    const reason = `the event says ${tell(cast)}, the calldata ${calldata}`
    contradict(entered, reason, { pollId, voterIndex })
  }
  if (isOwn && said.casts.length > 1) {
    contradict(entered, `${said.casts.length} ballots were counted for one`, {
      ...(signed !== undefined && { pollId: signed.pollId, voterIndex: signed.voterIndex }),
    })
  }
}

function contradict(
  { reading, at }: Entered,
  reason: string,
  ballot: Pick<Contradiction, 'pollId' | 'voterIndex'> = {},
): void {
  reading.contradictions.push({ transaction: reading.transactions[at] ?? '', reason, ...ballot })
}

type Voter = { pollId: number; voterIndex: number }

function isSameVoter(a: Voter, b: Voter): boolean {
  return a.pollId === b.pollId && a.voterIndex === b.voterIndex
}

function tell({ pollId, voterIndex, choice }: Voter & { choice: number }): string {
  return `choice ${choice} of voter ${voterIndex} in poll ${pollId}`
}

/** The BallotBox' events of one transaction. */
type Events = {
  batches: { accepted: number }[]
  skips: (Voter & { position: number; reason: number })[]
  casts: (Voter & { choice: number })[]
}

function eventsIn(logs: readonly Log[]): Events {
  const said: Events = { batches: [], skips: [], casts: [] }
  for (const log of logs) {
    const [first = 0, second = 0, third = 0, fourth = 0] = events.argumentsOf(log)
    const voter = { pollId: first, voterIndex: second }
    if (log.topics[0] === TOPICS.BatchCast) said.batches.push({ accepted: first })
    if (log.topics[0] === TOPICS.BallotSkipped)
      said.skips.push({ ...voter, position: third, reason: fourth })
    if (log.topics[0] === TOPICS.BallotCast) said.casts.push({ ...voter, choice: third })
  }
  return said
}

const SELECTORS = {
  castBatch: decoder.mark,
  cast: Contract.ballotBox.getFunction('cast')?.selector ?? '',
} as const
const TOPICS = {
  BatchCast: Contract.ballotBox.getEvent('BatchCast')?.topicHash,
  BallotSkipped: Contract.ballotBox.getEvent('BallotSkipped')?.topicHash,
  BallotCast: Contract.ballotBox.getEvent('BallotCast')?.topicHash,
} as const

import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import type { Entry } from '../Entries.ts'
import type { Log } from '../../ethereum/TransactionReceipt.ts'
import * as Transaction from '../../ethereum/Transaction.ts'
import * as Events from './Events.ts'
import * as Form from './Form.ts'

/**
 * The ballots of a BallotBox: from a batch all of the calldata, with the reason of those that the
 * events say were skipped; from a voter's own transaction what it says, where the event confirms it.
 */
export function decode(done: readonly Form.Done[], { main: box }: Form.Contracts): Form.Decoded {
  const decoded = Form.empty()
  for (const { transaction, outcome } of done) {
    const logs = outcome.logs.filter(({ address }) => address.toLowerCase() === box)
    decoded.polls.push(...logs.flatMap(Events.pollOf))
    const events = eventsOf(logs)
    const isSilent = Object.values(events).every((list) => list.length === 0)
    if (isSilent) continue
    const reading: Reading = { decoded, transaction, events }
    const isOwn = transaction.to?.toLowerCase() === box
    if (isOwn && transaction.input.startsWith(SELECTORS.castBatch)) addBatch(reading)
    else if (isOwn && transaction.input.startsWith(SELECTORS.cast)) addCast(reading)
    else contradict(reading, 'ballots were counted, the calldata holds none')
  }
  return decoded
}

type Reading = {
  decoded: Form.Decoded
  transaction: Transaction.Transaction
  events: ReturnType<typeof eventsOf>
}

function addBatch(reading: Reading): void {
  const { decoded, transaction, events } = reading
  const records = batchOf(transaction)
  if (records === undefined) return contradict(reading, 'a batch was counted, but is malformed')
  const at = decoded.transactions.push(transaction.hash) - 1
  const skips = new Map(events.skipped.map((skip) => [skip[2], skip]))
  for (const [position, { pollId, voterIndex, choice, signature }] of records.entries()) {
    const skip = skips.get(position)
    const skipReason = skip?.[3] ?? 0
    const proof = { kind: 'signature', bytes: signature } as const
    decoded.entries.push({ pollId, voterIndex, choice, skipReason, transaction: at, proof })
    if (skip !== undefined && (skip[0] !== pollId || skip[1] !== voterIndex)) {
      contradict(reading, `at position ${position} another ballot was skipped than lies there`)
    }
  }
  const accepted = records.length - skips.size
  const [said, ...more] = events.batches
  const isStrange = events.skipped.some(([, , position = -1]) => position >= records.length)
  if (said?.[0] === accepted && more.length === 0 && events.casts.length === 0 && !isStrange) return
  contradict(
    reading,
    `the calldata less the skips holds ${accepted} ballots, the events say ${said?.[0] ?? 'nothing'}`,
  )
}

function addCast(reading: Reading): void {
  const { decoded, transaction, events } = reading
  const [pollId = -1, digest, voterIndex = -1, choice = -1] = castOf(transaction)
  const [said, ...more] = events.casts
  const isSame = said?.[0] === pollId && said[1] === voterIndex && said[2] === choice
  const others = more.length + events.batches.length + events.skipped.length
  if (!isSame || others > 0) {
    return contradict(
      reading,
      `the events say choice ${said?.[2]} of voter ${said?.[1]} in poll ${said?.[0]}, the calldata choice ${choice} of voter ${voterIndex} in poll ${pollId}`,
    )
  }
  const at = decoded.transactions.push(transaction.hash) - 1
  const sender = Transaction.sender(transaction) ?? Buffer.alloc(20)
  const entry: Entry = {
    pollId,
    voterIndex,
    choice,
    skipReason: 0,
    transaction: at,
    proof: { kind: 'sender', bytes: Buffer.concat([sender, digest ?? Buffer.alloc(32)]) },
  }
  decoded.entries.push(entry)
}

function contradict({ decoded, transaction }: Reading, reason: string): void {
  decoded.contradictions.push({ transaction: transaction.hash, reason })
}

function batchOf({ input }: Transaction.Transaction): ReturnType<typeof Batch.decode> | undefined {
  try {
    const [hex] = Contract.ballotBox.decodeFunctionData('castBatch', input)
    return Batch.decode(Buffer.from(String(hex).slice(2), 'hex'))
  } catch {
    return undefined
  }
}

function castOf({ input }: Transaction.Transaction): [number?, Buffer?, number?, number?] {
  const [pollId, , voterIndex, choice] = Events.numbers(input.slice(SELECTORS.cast.length))
  const digest = Buffer.from(input.slice(SELECTORS.cast.length + 64).slice(0, 64), 'hex')
  return [fit(pollId, 2 ** 32), digest, fit(voterIndex, 2 ** 32), fit(choice, 256)]
}

/** A number that the contract could have counted; a greater one is none. */
function fit(number: number | undefined, bound: number): number {
  return number !== undefined && number < bound ? number : -1
}

function eventsOf(logs: readonly Log[]) {
  const of = (name: string): number[][] =>
    logs
      .filter(({ topics }) => topics[0] === Contract.ballotBox.getEvent(name)?.topicHash)
      .map(Events.argumentsOf)
  return { batches: of('BatchCast'), skipped: of('BallotSkipped'), casts: of('BallotCast') }
}

const SELECTORS = {
  castBatch: Contract.ballotBox.getFunction('castBatch')?.selector ?? '',
  cast: Contract.ballotBox.getFunction('cast')?.selector ?? '',
} as const

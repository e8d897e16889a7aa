import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import { nothing, numberOf, type Counted } from '../Counted.ts'
import type { Log, RawBlock, Transaction } from '../RawBlock.ts'
import type { Form } from './Form.ts'

/** Ballots that a BallotBox counted: voter-signed ones in batches, and voters' own transactions. */
export function create(address: string): Form {
  return {
    addresses: new Set([address]),
    count: (_, block) => Promise.resolve(decode(block, address)),
  }
}

/** The BallotBox' events of one transaction. */
type Events = {
  batches: { accepted: number; skipped: number }[]
  skips: { pollId: number; voterIndex: number; position: number; reason: number }[]
  casts: { pollId: number; voterIndex: number; choice: number }[]
}

/**
 * The ballots that the contract counted in a block: from a batch those of the calldata less the
 * skips, from a voter's own transaction what its event says. A transaction without the contract's
 * event failed and counts nothing.
 */
export function decode(block: Pick<RawBlock, 'transactions' | 'logs'>, ballotBox: string): Counted {
  const counted = nothing()
  const events = byTransaction(block.logs)
  for (const transaction of block.transactions) {
    const own = events.get(transaction.hash)
    if (own === undefined || transaction.to?.toLowerCase() !== ballotBox) continue
    events.delete(transaction.hash)
    counted.transactions.push(transaction.hash)
    if (own.batches.length > 0 || own.skips.length > 0) addBatch(counted, transaction, own)
    if (own.casts.length > 0) addCasts(counted, transaction, own)
  }
  for (const [transaction, own] of events) {
    counted.transactions.push(transaction)
    pushCasts(counted, own)
    const reason = 'events of the BallotBox, but no transaction to it'
    counted.contradictions.push({ transaction, reason })
  }
  return counted
}

function addBatch(counted: Counted, transaction: Transaction, events: Events): void {
  const contradict = (reason: string): void => {
    counted.contradictions.push({ transaction: transaction.hash, reason })
  }
  const records = batchOf(transaction)
  if (records === undefined) return contradict('a batch was counted, the calldata holds none')
  const at = counted.transactions.length - 1
  const skipped = new Map(events.skips.map((skip) => [skip.position, skip]))
  records.forEach(({ pollId, voterIndex, choice }, position) => {
    const skip = skipped.get(position)
    if (skip === undefined) {
      counted.casts.push([pollId, voterIndex, choice, at])
      return
    }
    counted.skips.push([pollId, voterIndex, at, skip.reason])
    if (skip.pollId !== pollId || skip.voterIndex !== voterIndex) {
      contradict(`position ${position} was skipped as another ballot than the calldata has there`)
    }
  })
  const accepted = records.length - skipped.size
  const [said, ...more] = events.batches
  if (said === undefined || more.length > 0 || said.accepted !== accepted) {
    contradict(
      `the calldata less the skips holds ${accepted} ballots, the event says ${said?.accepted ?? 'nothing'}`,
    )
  }
}

function addCasts(counted: Counted, transaction: Transaction, events: Events): void {
  pushCasts(counted, events)
  const signed = castOf(transaction)
  if (events.casts.length > 1) {
    const reason = `${events.casts.length} ballots were counted for one`
    counted.contradictions.push({ transaction: transaction.hash, reason, ...signed })
  }
  for (const { pollId, voterIndex, choice } of events.casts) {
    const isSame = signed?.pollId === pollId && signed.voterIndex === voterIndex
    if (isSame && signed.choice === choice) continue
    const reason = `the event says choice ${choice} of voter ${voterIndex} in poll ${pollId}, the calldata ${
      signed === undefined
        ? 'holds no ballot'
        : `choice ${signed.choice} of voter ${signed.voterIndex} in poll ${signed.pollId}`
    }`
    counted.contradictions.push({ transaction: transaction.hash, reason, pollId, voterIndex })
  }
}

function pushCasts(counted: Counted, { casts }: Events): void {
  const at = counted.transactions.length - 1
  for (const { pollId, voterIndex, choice } of casts) {
    counted.casts.push([pollId, voterIndex, choice, at])
  }
}

function batchOf(transaction: Transaction): ReturnType<typeof Batch.decode> | undefined {
  try {
    const [hex] = Contract.ballotBox.decodeFunctionData('castBatch', transaction.input)
    return Batch.decode(Buffer.from(String(hex).slice(2), 'hex'))
  } catch {
    return undefined
  }
}

function castOf({ input }: Transaction): Events['casts'][number] | undefined {
  if (!input.startsWith(CAST_SELECTOR)) return undefined
  const [pollId, , voterIndex, choice] = words(input.slice(CAST_SELECTOR.length))
  return { pollId: numberOf(pollId), voterIndex: numberOf(voterIndex), choice: numberOf(choice) }
}

/**
 * All arguments of the three events are numbers, and the indexed ones come first: topics and data
 * hold them in their order. Read by hand, since a block holds thousands.
 */
function byTransaction(logs: readonly Log[]): Map<string, Events> {
  const events = new Map<string, Events>()
  for (const { topics, data, transactionHash } of logs) {
    const [signature, ...indexed] = topics
    const [first, second, third, fourth] = [...indexed, ...words(data.slice(2))].map(numberOf)
    const own = events.get(transactionHash) ?? { batches: [], skips: [], casts: [] }
    const [pollId, voterIndex] = [numberOf(first), numberOf(second)]
    if (signature === TOPICS.BatchCast) {
      own.batches.push({ accepted: numberOf(first), skipped: numberOf(second) })
    } else if (signature === TOPICS.BallotSkipped) {
      own.skips.push({ pollId, voterIndex, position: numberOf(third), reason: numberOf(fourth) })
    } else if (signature === TOPICS.BallotCast) {
      own.casts.push({ pollId, voterIndex, choice: numberOf(third) })
    } else {
      continue
    }
    events.set(transactionHash, own)
  }
  return events
}

/** The EVM words in a string of hex digits. */
function words(hex: string): string[] {
  return Array.from(
    { length: Math.floor(hex.length / 64) },
    (_, index) => `0x${hex.slice(index * 64, index * 64 + 64)}`,
  )
}

const CAST_SELECTOR = Contract.ballotBox.getFunction('cast')?.selector ?? ''
const TOPICS = {
  BatchCast: Contract.ballotBox.getEvent('BatchCast')?.topicHash,
  BallotSkipped: Contract.ballotBox.getEvent('BallotSkipped')?.topicHash,
  BallotCast: Contract.ballotBox.getEvent('BallotCast')?.topicHash,
} as const

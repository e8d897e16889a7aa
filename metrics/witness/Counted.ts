import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Cast, Contradiction, Skip } from './Observation.ts'
import type { Log, RawBlock, Transaction } from './RawBlock.ts'

/** What the chain counted in a block, in the form of an observation. */
export type Counted = {
  transactions: string[]
  casts: Cast[]
  skips: Skip[]
  contradictions: Contradiction[]
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
  const counted: Counted = { transactions: [], casts: [], skips: [], contradictions: [] }
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

function castOf(transaction: Transaction): Events['casts'][number] | undefined {
  try {
    const [pollId, , voterIndex, choice]: unknown[] = Contract.ballotBox.decodeFunctionData(
      'cast',
      transaction.input,
    )
    return { pollId: count(pollId), voterIndex: count(voterIndex), choice: count(choice) }
  } catch {
    return undefined
  }
}

function byTransaction(logs: readonly Log[]): Map<string, Events> {
  const events = new Map<string, Events>()
  for (const log of logs) {
    const parsed = Contract.ballotBox.parseLog(log)
    const [first, second, third, fourth]: unknown[] = parsed?.args.toArray() ?? []
    const own = events.get(log.transactionHash) ?? { batches: [], skips: [], casts: [] }
    if (parsed?.name === 'BatchCast') {
      own.batches.push({ accepted: count(first), skipped: count(second) })
    } else if (parsed?.name === 'BallotSkipped') {
      const [position, reason] = [count(third), count(fourth)]
      own.skips.push({ pollId: count(first), voterIndex: count(second), position, reason })
    } else if (parsed?.name === 'BallotCast') {
      own.casts.push({ pollId: count(first), voterIndex: count(second), choice: count(third) })
    } else {
      continue
    }
    events.set(log.transactionHash, own)
  }
  return events
}

/** A number of the chain; what no ballot can name becomes the greatest, so that it is seen as alien. */
function count(value: unknown): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.MAX_SAFE_INTEGER
}

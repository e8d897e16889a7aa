import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import type { Ballot } from '../Call.ts'
import type { Block, Chain, Log } from '../Chain.ts'
import type { Journal } from '../Journal.ts'
import { TOPICS, voterKeyOf } from './ballotBoxEvents.ts'

/** A pending ballot is carried by somebody else within the minutes that it waits. */
const SEARCHED_BLOCKS = 1024

/** Transactions of others that are looked into, the newest first: who sends thousands is no carrier. */
const SEARCHED_TRANSACTIONS_MAX = 256

/**
 * Signatures are public, and everybody may carry a ballot: which of these, with this very choice,
 * somebody else's transaction brought to the BallotBox before.
 *
 * @param block - looked at too: theirs may stand before ours in it.
 * @throws what {@link Chain} throws.
 */
export async function carriedByOthers(
  ballots: readonly Ballot[],
  block: Block,
  { chain, journal, address }: { chain: Chain; journal: Pick<Journal, 'own'>; address: string },
): Promise<Ballot[]> {
  if (ballots.length === 0) return []
  const from = Math.max(1, block.number - SEARCHED_BLOCKS)
  const topics = [TOPICS.batchCast, TOPICS.ballotCast]
  const logs = await chain.logsBetween(from, block.number, { address, topics })
  const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))]
  const own = await journal.own(hashes)
  const others = hashes.filter((hash) => !own.has(hash)).slice(-SEARCHED_TRANSACTIONS_MAX)
  const counted = new Set<string>()
  for (const hash of others) {
    const all = (await chain.receipt(hash))?.logs ?? []
    const skipped = new Set(all.flatMap(skippedBy))
    const carried = carriedBy(await chain.calldata(hash)).filter(
      (_, position) => !skipped.has(position),
    )
    for (const one of [...carried, ...all.flatMap(castBy)]) counted.add(keyOf(one))
  }
  return ballots.filter((ballot) => counted.has(keyOf(ballot)))
}

type Cast = Pick<Ballot, 'pollId' | 'voterIndex' | 'choice'>

/** The ballots of a batch as Solidity reads it, which wants neither padding nor the usual offset. */
export function carriedBy(calldata: Uint8Array | undefined): Cast[] {
  const data = Buffer.from(calldata ?? [])
  if (data.toString('hex', 0, SELECTOR_BYTES) !== SELECTOR) return []
  const head = SELECTOR_BYTES + numberAt(data, SELECTOR_BYTES)
  const start = head + WORD_BYTES
  const end = start + numberAt(data, head)
  const batch = data.subarray(start, end)
  const isWhole = end <= data.length && batch.length > 0
  return isWhole && batch.length % Batch.RECORD_SIZE_BYTES === 0 ? Batch.decode(batch) : []
}

const WORD_BYTES = 32
const SELECTOR_BYTES = 4
const SELECTOR = Contract.ballotBox.getFunction('castBatch')?.selector.slice(2)

/** A word as a number; more than there can be where it is greater, or not there. */
function numberAt(data: Buffer, offset: number): number {
  const word = data.subarray(offset, offset + WORD_BYTES)
  return word.length < WORD_BYTES ? Infinity : Number(BigInt(`0x${word.toString('hex')}`))
}

/** A voter's own transaction. */
function castBy({ topics, data }: Log): Cast[] {
  if (topics[0] !== TOPICS.ballotCast) return []
  const event = Contract.ballotBox.decodeEventLog('BallotCast', data, topics)
  const [pollId, voterIndex, choice] = ['pollId', 'voterIndex', 'choice'].map((name) =>
    Number(event[name]),
  )
  return [{ pollId: pollId ?? 0, voterIndex: voterIndex ?? 0, choice: choice ?? 0 }]
}

/** Places in the batch: the same ballot may stand in it twice, of which the first counts. */
function skippedBy({ topics, data }: Log): number[] {
  if (topics[0] !== TOPICS.ballotSkipped) return []
  const event = Contract.ballotBox.decodeEventLog('BallotSkipped', data, topics)
  return [Number(event['position'])]
}

function keyOf(ballot: Cast): string {
  return `${voterKeyOf(ballot)}/${ballot.choice}`
}

import * as TransactionReceipt from '../ethereum/TransactionReceipt.ts'
import * as Transaction from '../ethereum/Transaction.ts'
import type { Ballot, Contracts, Poll, Reading } from '../contracts/Decoder.ts'
import { decoderOf } from '../contracts/decoderOf.ts'
import type { Kind } from '../contracts/Target.ts'
import type { Mined } from '../blocks/CheckedBlock.ts'
import * as Entries from './Entries.ts'

/** What a block says about polls and ballots, the ballots packed for the threads. */
export type Read = Omit<Reading, 'ballots'> & { polls: Poll[]; entries: Uint8Array }

/** Reads what the contracts took in out of a block's transactions; nothing of it is judged yet. */
export function readBallots(kind: Kind, mined: readonly Mined[], contracts: Contracts): Read {
  const done = mined.filter(({ receipt }) => TransactionReceipt.isDone(receipt))
  const executed = done.map(({ transaction, receipt }) => ({ ...transaction, logs: receipt.logs }))
  const decoder = decoderOf(kind)
  const { ballots, ...reading } = decoder.read(executed, contracts)
  const byHash = new Map(done.map(({ transaction }) => [transaction.hash, transaction]))
  const entries = ballots.flatMap((ballot) =>
    entryOf(ballot, byHash.get(reading.transactions[ballot.transaction] ?? '')),
  )
  const polls = decoder.pollsIn(executed, contracts)
  return { ...reading, polls, entries: Entries.encode(entries) }
}

/** None where the calldata contradicts: that is told, and proves no ballot. */
function entryOf(ballot: Ballot, transaction?: Transaction.Transaction): Entries.Entry[] {
  const { kind, bytes } = ballot.proof
  if (kind === 'event') return []
  if (kind !== 'sender') return [{ ...ballot, proof: { kind, bytes } }]
  const sender = (transaction && Transaction.sender(transaction)) ?? Buffer.alloc(20)
  return [{ ...ballot, proof: { kind, bytes: Buffer.concat([sender, bytes]) } }]
}

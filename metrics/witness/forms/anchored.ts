import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import { nothing, numberOf, type Counted } from '../Counted.ts'
import type { Log, RawBlock, Transaction } from '../RawBlock.ts'
import type { Form } from './Form.ts'
import { merkleRoot } from './merkleRoot.ts'

/** Ballots that a service mirrored in packed batches, each with a Merkle root. */
export function create(address: string): Form {
  return {
    addresses: new Set([address]),
    count: (_, block) => Promise.resolve(decode(block, address)),
  }
}

/**
 * The ballots of a block's anchored batches: those of the calldata, where the contract's event says
 * that it took them. Each root is computed again; what does not match is a contradiction.
 */
export function decode(block: Pick<RawBlock, 'transactions' | 'logs'>, anchor: string): Counted {
  const counted = nothing()
  const events = byTransaction(block.logs)
  for (const transaction of block.transactions) {
    const own = events.get(transaction.hash)
    if (own === undefined || transaction.to?.toLowerCase() !== anchor) continue
    events.delete(transaction.hash)
    counted.transactions.push(transaction.hash)
    addBatch(counted, transaction, own)
  }
  for (const transaction of events.keys()) {
    const reason = 'a batch was anchored, but by no transaction to the anchor'
    counted.transactions.push(transaction)
    counted.contradictions.push({ transaction, reason })
  }
  return counted
}

/** What an event `BallotsAnchored` says of its batch. */
type Said = { root: string; ballotCount: number }

function addBatch(counted: Counted, transaction: Transaction, [said, ...more]: Said[]): void {
  const contradict = (reason: string): void => {
    counted.contradictions.push({ transaction: transaction.hash, reason })
  }
  if (more.length > 0) contradict(`${more.length + 1} batches were anchored by one call`)
  const call = callOf(transaction)
  if (call === undefined) return contradict('a batch was anchored, the calldata holds none')
  const at = counted.transactions.length - 1
  for (const { pollId, voterIndex, choice } of call.ballots) {
    counted.casts.push([pollId, voterIndex, choice, at])
  }
  if (said?.root !== call.root) {
    contradict(`the event says root ${said?.root}, the calldata ${call.root}`)
  }
  const recomputed = merkleRoot(call.ballots.map(Anchor.leaf))
  if (recomputed !== call.root) {
    contradict(`the ballots' Merkle root is ${recomputed}, the calldata says ${call.root}`)
  }
  if (said?.ballotCount !== call.ballots.length) {
    contradict(
      `the calldata holds ${call.ballots.length} ballots, the event says ${said?.ballotCount}`,
    )
  }
}

function callOf({ input }: Transaction): { root: string; ballots: Anchor.Anchored[] } | undefined {
  try {
    const [root, hex] = Anchor.ballotAnchor.decodeFunctionData('anchor', input)
    return { root: String(root), ballots: Anchor.decode(Buffer.from(String(hex).slice(2), 'hex')) }
  } catch {
    return undefined
  }
}

function byTransaction(logs: readonly Log[]): Map<string, Said[]> {
  const events = new Map<string, Said[]>()
  for (const { topics, data, transactionHash } of logs) {
    if (topics[0] !== TOPIC) continue
    const said = { root: data.slice(0, 66), ballotCount: numberOf(`0x${data.slice(66, 130)}`) }
    events.set(transactionHash, [...(events.get(transactionHash) ?? []), said])
  }
  return events
}

const TOPIC = Anchor.ballotAnchor.getEvent('BallotsAnchored')?.topicHash

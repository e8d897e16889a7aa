import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import { askTallies } from './askTallies.ts'
import type { Log } from '../ethereum/TransactionReceipt.ts'
import * as Calldata from './Calldata.ts'
import { isAt, nothing, type Contracts, type Decoder } from './Decoder.ts'
import type { Executed, Reading } from './Decoder.ts'
import * as events from './events.ts'
import { merkleRoot } from './merkleRoot.ts'

/** Ballots that a service mirrored in packed batches, each with a Merkle root. */
export const decoder = {
  kind: 'anchored',
  mark: Anchor.ballotAnchor.getFunction('anchor')?.selector ?? '',
  findQuestions: async () => [],
  pollsIn: (executed, { main }) => events.pollsIn(executed, main),
  read,
  readTallies: (node, pollIds, at) =>
    askTallies(node, pollIds, { ...at, wire: Anchor.ballotAnchor, method: 'ballotCount' }),
  tallyOf: ({ voterCount }) => [voterCount],
} as const satisfies Decoder

/** What a call of the BallotAnchor mirrors. */
export type Call = { method: 'anchor'; root: string; ballots: Anchor.Anchored[] }

/** The ballots of a call; `undefined` where the contract would revert, or it is another call. */
export function decodeCall(calldata: Uint8Array | string): Call | undefined {
  const data = Calldata.from(calldata)
  if (!Calldata.calls(data, decoder.mark) || !Calldata.hasArguments(data, 2)) return undefined
  const packed = Calldata.bytes(data, 1)
  if (packed === undefined) return undefined
  const root = `0x${Calldata.bytesOfArgument(data, 0).toString('hex')}`
  try {
    return { method: 'anchor', root, ballots: Anchor.decode(packed) }
  } catch (error) {
    if (error instanceof Anchor.MalformedError) return undefined
    throw error
  }
}

/**
 * The ballots of the calldata, where the contract's event says that it took a batch. Each root is
 * computed again; what does not match is a contradiction.
 */
export function read(executed: readonly Executed[], { main }: Contracts): Reading {
  const reading = nothing()
  for (const { hash, to, input, logs } of executed) {
    const said = logs.filter((log) => isAt(log.address, main)).flatMap(saidBy)
    if (said.length === 0) continue
    const at = reading.transactions.push(hash) - 1
    const contradict = (reason: string): void => {
      reading.contradictions.push({ transaction: hash, reason })
    }
    if (said.length > 1) contradict(`${said.length} batches were anchored by one call`)
    const call = isAt(to, main) ? decodeCall(input) : undefined
    if (call === undefined) {
      const why = isAt(to, main) ? 'the calldata holds none' : 'but by no transaction to the anchor'
      contradict(`a batch was anchored, ${why}`)
      continue
    }
    const root = merkleRoot(call.ballots.map(Anchor.leaf))
    reading.roots.push({ root, transaction: hash })
    for (const ballot of call.ballots) {
      reading.ballots.push({ ...ballot, skipReason: 0, transaction: at, proof: NONE })
    }
    for (const reason of differences(call, root, said[0])) contradict(reason)
  }
  return reading
}

const NONE = { kind: 'none', bytes: new Uint8Array() } as const

/** What an event `BallotsAnchored` says of its batch. */
type Said = { root: string; ballotCount: number }

function differences({ root, ballots }: Call, recomputed: string, said?: Said): string[] {
  const reasons: string[] = []
  if (said?.root !== root) reasons.push(`the event says root ${said?.root}, the calldata ${root}`)
  if (recomputed !== root) {
    reasons.push(`the ballots' Merkle root is ${recomputed}, the calldata says ${root}`)
  }
  if (said?.ballotCount !== ballots.length) {
    reasons.push(
      `the calldata holds ${ballots.length} ballots, the event says ${said?.ballotCount}`,
    )
  }
  return reasons
}

function saidBy(log: Log): Said[] {
  if (log.topics[0] !== BALLOTS_ANCHORED) return []
  const [, , ballotCount = 0] = events.argumentsOf(log)
  return [{ root: events.dataWord(log, 0), ballotCount }]
}

const BALLOTS_ANCHORED = Anchor.ballotAnchor.getEvent('BallotsAnchored')?.topicHash

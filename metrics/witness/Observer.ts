import type { Finality } from '../../scenarios/ballots/Finality.ts'
import type { BallotCounter } from './BallotCounter.ts'
import type { Metrics } from './Metrics.ts'
import type { Observation } from './Observation.ts'
import * as Peers from './Peers.ts'
import * as RawBlock from './RawBlock.ts'
import { RpcError, type Rpc } from '../rpc/Rpc.ts'
import * as Tail from './Tail.ts'

/** Follows the canonical chain of one node, and compares it with the others. */
export type Observer = {
  /**
   * Asks the reading node once: for the next block, or whether the last one is still canonical. Never
   * throws: what fails is counted and tried again the next time.
   *
   * @returns whether there was something new; if so the next one need not wait.
   */
  readNext(): Promise<boolean>
  /** Asks one node for its height and its block; never throws. */
  compare(peer: Peers.Peer): Promise<void>
  peers: readonly Peers.Peer[]
}

export type Options = {
  nodes: readonly Rpc[]
  counter: BallotCounter
  finality: Finality
  fromBlock: number
  /** Takes each observation; returns once it is written. */
  record: (observation: Observation) => void
  metrics: Metrics
  now: () => number
}

/** A standing chain is asked this often whether its last block still stands. */
const TIP_CHECK_MS = 1000

/** After so many failures in a row the next node is read. */
const READER_FAILURES_MAX = 3

/** Headers asked for at a time on the way down to a common ancestor. */
const WALK_HEADERS = 16

type State = Options & {
  tail: Tail.Tail
  peers: Peers.Peer[]
  reader: number
  failures: number
  finalNumber: number
  tipCheckedAtMs: number
  /** When the last block or standstill was recorded. */
  heardAtMs: number
}

export function create(options: Options): Observer {
  const state: State = {
    ...options,
    tail: Tail.create(),
    peers: options.nodes.map(Peers.create),
    reader: 0,
    failures: 0,
    finalNumber: options.fromBlock - 1,
    tipCheckedAtMs: -Infinity,
    heardAtMs: -Infinity,
  }
  options.metrics.reading(readerOf(state).name)
  return {
    peers: state.peers,
    async readNext() {
      try {
        const isNew = await advance(state)
        state.failures = 0
        noteStandstill(state, isNew)
        return isNew
      } catch (error) {
        fail(state, readerOf(state), error)
        changeReader(state)
        return false
      }
    },
    async compare(peer) {
      try {
        await Peers.compare(peer, state, state.now)
        state.metrics.heard(peer.node.name, peer.height, state.tail.tip()?.number)
        state.metrics.disagreeing(state.peers.filter(({ isDisagreeing }) => isDisagreeing).length)
      } catch (error) {
        fail(state, peer.node, error)
      }
    },
  }
}

/** A chain that stands still is said to stand this often. */
const STANDSTILL_MS = 1000

/** A block says by itself that the node was heard. */
function noteStandstill(state: State, isNew: boolean): void {
  const atMs = state.now()
  if (!isNew && atMs - state.heardAtMs < STANDSTILL_MS) return
  state.heardAtMs = atMs
  if (!isNew) state.record({ kind: 'look', atMs })
}

async function advance(state: State): Promise<boolean> {
  const tip = state.tail.tip()
  const number = (tip?.number ?? state.fromBlock - 1) + 1
  const block = await RawBlock.read(readerOf(state), number, state.counter.addresses)
  const isNext = block !== undefined && (tip === undefined || block.parentHash === tip.hash)
  if (isNext) await append(state, block)
  else if (block !== undefined || isCheckDue(state)) await checkTip(state)
  await finalise(state)
  return isNext
}

async function append(state: State, raw: RawBlock.RawBlock): Promise<void> {
  const counted = await state.counter.count(readerOf(state), raw)
  const [number, timestamp] = [Number(raw.number), Number(raw.timestamp)]
  const block = {
    kind: 'block',
    number,
    hash: raw.hash,
    parentHash: raw.parentHash,
    timestamp,
    seenAtMs: state.now(),
    gasUsed: Number(raw.gasUsed),
    gasLimit: Number(raw.gasLimit),
    sizeBytes: Number(raw.size ?? 0),
    transactionCount: raw.transactions.length,
    ...counted,
  } as const
  state.record(block)
  state.metrics.block(block, state.tail.tip()?.timestamp)
  state.tail.append({ number, hash: raw.hash, timestamp, ballotCount: counted.casts.length })
  state.tipCheckedAtMs = state.now()
}

/** Another node's doubt is resolved at once; else it is enough to ask now and then. */
function isCheckDue(state: State): boolean {
  const isDoubted = others(state).some((peer) => peer.suspicion !== undefined)
  return isDoubted || state.now() - state.tipCheckedAtMs >= TIP_CHECK_MS
}

/** Whether our blocks still stand: finds the highest that does, and drops what was replaced. */
async function checkTip(state: State): Promise<void> {
  const tip = state.tail.tip()
  if (tip === undefined) return
  const ancestor = await findCommonAncestor(state, tip.number)
  if (ancestor.isReplaced) drop(state, ancestor.number)
  else if (ancestor.number === tip.number) confirmSuspicions(state)
  state.tipCheckedAtMs = state.now()
}

/**
 * Walks down to the highest block that the node still has. A height for which it answers null is
 * passed over: a node that turns round has no block there for a while, and nothing replaces ours
 * until one stands in its place.
 */
async function findCommonAncestor(
  state: State,
  tipNumber: number,
): Promise<{ number: number; isReplaced: boolean }> {
  let isReplaced = false
  const oldest = state.tail.oldestNumber()
  for (let upper = tipNumber, width = 1; upper >= oldest; upper -= width, width = WALK_HEADERS) {
    const numbers = Array.from({ length: Math.min(width, upper - oldest + 1) }, (_, i) => upper - i)
    const headers = await RawBlock.readHeaders(readerOf(state), numbers)
    for (const [index, number] of numbers.entries()) {
      const hash = headers[index]?.hash
      if (hash !== undefined && hash === state.tail.at(number)?.hash) return { number, isReplaced }
      isReplaced = hash !== undefined
    }
  }
  // Deeper than what is known: read everything again rather than guess.
  return { number: state.fromBlock - 1, isReplaced }
}

function drop(state: State, number: number): void {
  const dropped = state.tail.cut(number)
  if (dropped.length === 0) return
  state.finalNumber = Math.min(state.finalNumber, number)
  for (const peer of state.peers) {
    peer.agreedNumber = Math.min(peer.agreedNumber, number)
    peer.suspicion = undefined
  }
  state.record({
    kind: 'reorganisation',
    number,
    depth: dropped.length,
    droppedHashes: dropped.map(({ hash }) => hash),
    atMs: state.now(),
  })
  state.metrics.reorganised(dropped)
}

/** Our block stands with the reader, and another node has a different one. */
function confirmSuspicions(state: State): void {
  for (const peer of others(state)) {
    if (peer.suspicion === undefined) continue
    const { ours, theirs } = peer.suspicion
    peer.suspicion = undefined
    peer.isDisagreeing = true
    const hashes = [
      { rpcUrl: readerOf(state).url, hash: ours.hash },
      { rpcUrl: peer.node.url, hash: theirs.hash },
    ]
    state.record({ kind: 'disagreement', number: ours.number, hashes, atMs: state.now() })
  }
}

async function finalise(state: State): Promise<void> {
  const number = Math.min(await ruledFinal(state), state.tail.tip()?.number ?? -1)
  const entry = state.tail.at(number)
  if (entry === undefined || number <= state.finalNumber) return
  let ballotCount = 0
  for (let at = state.finalNumber + 1; at <= number; at += 1) {
    ballotCount += state.tail.at(at)?.ballotCount ?? 0
  }
  state.finalNumber = number
  state.record({ kind: 'final', number, hash: entry.hash, atMs: state.now() })
  state.metrics.final(number, ballotCount)
}

/** The height up to which the rule calls blocks final; one below the first where none is. */
async function ruledFinal(state: State): Promise<number> {
  if (state.finality.kind === 'instant') return state.tail.tip()?.number ?? -1
  if (state.finality.kind === 'depth') {
    return Peers.majorityNumber(others(state), Peers.candidateNumber(state))
  }
  const [header] = await RawBlock.readHeaders(readerOf(state), ['finalized']).catch(nothingFinal)
  const isOurs = header !== undefined && state.tail.at(header.number)?.hash === header.hash
  return isOurs ? header.number : -1
}

/** Before its first final block a node refuses the tag. */
function nothingFinal(error: unknown): [] {
  if (error instanceof RpcError && error.kind === 'refused') return []
  throw error
}

function fail(state: State, node: Rpc, error: unknown): void {
  const known = error instanceof RpcError
  state.metrics.failed(node.name, known ? error.kind : 'malformed')
}

function changeReader(state: State): void {
  state.failures += 1
  if (state.failures < READER_FAILURES_MAX || state.nodes.length === 1) return
  state.failures = 0
  state.reader = (state.reader + 1) % state.nodes.length
  state.metrics.reading(readerOf(state).name)
}

function readerOf(state: State): Rpc {
  const node = state.nodes[state.reader]
  if (node === undefined) throw new RangeError('A witness needs at least one node.')
  return node
}

function others(state: State): Peers.Peer[] {
  return state.peers.filter((_, index) => index !== state.reader)
}

import type { Finality } from '../../scenarios/ballots/Finality.ts'
import type { CheckedBlock } from '../blocks/CheckedBlock.ts'
import * as Validators from '../ethereum/consensus/Validators.ts'
import type { BallotCounter } from './BallotCounter.ts'
import { follow } from './follow.ts'
import * as Headers from './Headers.ts'
import type { Metrics } from './Metrics.ts'
import type { Nodes, Observation } from './Observation.ts'
import * as Peers from './Peers.ts'
import { RpcError, type Rpc } from '../rpc/Rpc.ts'
import { readBlock } from './readBlock.ts'
import * as Tail from './Tail.ts'

/**
 * Follows the canonical chain of one node, and compares it with the others. A block counts only where
 * everything in it was recomputed and its seals are those of the validators; a node that shows
 * another one is named, and the next node is read.
 */
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
  /** Whom it asked so far. */
  sources(): Nodes
}

export type Options = {
  nodes: readonly Rpc[]
  counter: BallotCounter
  finality: Finality
  fromBlock: number
  /** Who may seal the first block. @default anybody: the chain has no seals */
  validators?: Pick<Validators.Validators, 'kind' | 'members'> | undefined
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
  /** Who may seal the first block. */
  firstValidators: Validators.Validators
  peers: Peers.Peer[]
  /** Blocks read from each node that held, in the order of the nodes. */
  blockCounts: number[]
  /** Blocks that did not hold and were told, by node and name. */
  told: Set<string>
  reader: number
  failures: number
  finalNumber: number
  tipCheckedAtMs: number
  /** When the reading node last had something new, or no other node had more. */
  advancedAtMs: number
  /** When the last block or standstill was recorded. */
  heardAtMs: number
}

export function create(options: Options): Observer {
  const state: State = {
    ...options,
    tail: Tail.create(),
    firstValidators: Validators.from(options.validators),
    blockCounts: options.nodes.map(() => 0),
    told: new Set(),
    peers: options.nodes.map(Peers.create),
    reader: 0,
    failures: 0,
    finalNumber: options.fromBlock - 1,
    tipCheckedAtMs: -Infinity,
    advancedAtMs: options.now(),
    heardAtMs: -Infinity,
  }
  options.metrics.reading(readerOf(state).name)
  return {
    peers: state.peers,
    async readNext() {
      try {
        const step = await advance(state)
        if (step === 'refused') return false
        state.failures = 0
        noteStandstill(state, step === 'new')
        if (isBehind(state, step)) readNextNode(state)
        return step === 'new'
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
    sources: () => sourcesOf(state),
  }
}

function sourcesOf({ peers, blockCounts, tail, firstValidators }: State): Nodes {
  const { kind, members } = tail.tip()?.validators ?? firstValidators
  return {
    kind: 'nodes',
    nodes: peers.map(({ node, agreedNumber, height }, index) => ({
      rpcUrl: node.url,
      blockCount: blockCounts[index] ?? 0,
      agreedNumber,
      isHeard: height >= 0,
    })),
    seals: kind,
    validators: members,
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

/** A node that has had nothing new for so long, while another one has, is left. */
const BEHIND_MS_MAX = 5000

/** Whether the reading node withholds what another one has, or has fallen behind. */
function isBehind(state: State, step: Step): boolean {
  const atMs = state.now()
  if (step === 'new') state.advancedAtMs = atMs
  const number = state.tail.tip()?.number ?? state.fromBlock - 1
  const hasMore = others(state).some(({ height }) => height > number)
  if (!hasMore) state.advancedAtMs = atMs
  if (atMs - state.advancedAtMs < BEHIND_MS_MAX) return false
  state.advancedAtMs = atMs
  return true
}

/** What one look at the reading node brought; `refused` where it shows what does not hold. */
type Step = 'new' | 'nothing new' | 'refused'

async function advance(state: State): Promise<Step> {
  const tip = state.tail.tip()
  const number = (tip?.number ?? state.fromBlock - 1) + 1
  const shown = await readBlock(readerOf(state), number, state.counter.addresses)
  if (shown !== undefined && shown.faults.length > 0) return refuse(state, shown, shown.faults)
  const isNext = shown !== undefined && (tip === undefined || shown.block.parentHash === tip.hash)
  let step: Step = 'nothing new'
  if (isNext) step = await append(state, shown)
  else if (shown !== undefined || isCheckDue(state)) step = await checkTip(state)
  await finalise(state)
  return step
}

/** Names a node for a block that does not hold, and turns to the next one. */
function refuse(state: State, shown: CheckedBlock, faults: string[], node = readerOf(state)): Step {
  const { number, block, isCheckable } = shown
  const key = `${node.name} ${block.hash}`
  if (!state.told.has(key) && state.told.size < TOLD_MAX) {
    state.told.add(key)
    const told = { number, hash: block.hash, rpcUrl: node.url, faults, isCheckable }
    state.record({ kind: 'fault', ...told, atMs: state.now() })
    state.metrics.refused(node.name)
  }
  if (node === readerOf(state)) readNextNode(state)
  return 'refused'
}

/** A node that lies in every block is named for the first thousand. */
const TOLD_MAX = 1000

/** Who may seal the block that follows a number. */
function validatorsAfter({ tail, firstValidators }: State, number: number): Validators.Validators {
  return tail.at(number)?.validators ?? firstValidators
}

async function append(state: State, checked: CheckedBlock): Promise<Step> {
  const { number, hash, block } = checked
  const { faults, next } = follow(checked, validatorsAfter(state, number - 1))
  if (faults.length > 0) return refuse(state, checked, faults)
  const counted = await state.counter.count(readerOf(state), checked)
  const timestamp = Number(block.timestamp)
  const observed = {
    kind: 'block',
    number,
    hash,
    parentHash: block.parentHash,
    timestamp,
    seenAtMs: state.now(),
    gasUsed: Number(block.gasUsed),
    gasLimit: Number(block.gasLimit),
    sizeBytes: Number(block.size ?? 0),
    transactionCount: block.transactions.length,
    ...counted,
  } as const
  state.record(observed)
  state.metrics.block(observed, state.tail.tip()?.timestamp)
  const ballotCount = counted.casts.length
  state.tail.append({ number, hash, timestamp, ballotCount, validators: next })
  state.blockCounts[state.reader] = (state.blockCounts[state.reader] ?? 0) + 1
  state.tipCheckedAtMs = state.now()
  return 'new'
}

/** Another node's doubt is resolved at once; else it is enough to ask now and then. */
function isCheckDue(state: State): boolean {
  const isDoubted = others(state).some((peer) => peer.suspicion !== undefined)
  return isDoubted || state.now() - state.tipCheckedAtMs >= TIP_CHECK_MS
}

/** Whether our blocks still stand: finds the highest that does, and drops what was replaced. */
async function checkTip(state: State): Promise<Step> {
  const tip = state.tail.tip()
  if (tip === undefined) return 'nothing new'
  const ancestor = await findCommonAncestor(state, tip.number)
  if (ancestor.isReplaced) {
    const refused = await refuseReplacement(state, ancestor.number)
    if (refused !== undefined) return refused
    drop(state, ancestor.number)
  } else if (ancestor.number === tip.number) await confirmSuspicions(state)
  state.tipCheckedAtMs = state.now()
  return 'nothing new'
}

/** Whether the block that is to replace ours holds; a name alone replaces nothing. */
async function refuseReplacement(state: State, ancestorNumber: number): Promise<Step | undefined> {
  const shown = await readBlock(readerOf(state), ancestorNumber + 1, state.counter.addresses)
  // It turned round once more: nothing stands there now.
  if (shown === undefined) return 'nothing new'
  const ancestor = state.tail.at(ancestorNumber)
  if (ancestor !== undefined && shown.block.parentHash !== ancestor.hash) return 'nothing new'
  const { faults } = follow(shown, validatorsAfter(state, ancestorNumber))
  return faults.length > 0 ? refuse(state, shown, faults) : undefined
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
    const headers = await Headers.readHeaders(readerOf(state), numbers)
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

/**
 * Our block stands with the reader, and another node has a different one: where that does not hold,
 * the node is named for it; where it does, nobody can tell from here which of them lies.
 */
async function confirmSuspicions(state: State): Promise<void> {
  for (const peer of others(state)) {
    if (peer.suspicion === undefined) continue
    const { ours, theirs } = peer.suspicion
    const shown = await readBlock(peer.node, theirs.number, state.counter.addresses).catch(
      () => undefined,
    )
    peer.suspicion = undefined
    peer.isDisagreeing = true
    const faults = shown === undefined ? [] : faultsOf(state, shown)
    if (shown !== undefined && faults.length > 0) {
      refuse(state, shown, faults, peer.node)
      continue
    }
    const hashes = [
      { rpcUrl: readerOf(state).url, hash: ours.hash },
      { rpcUrl: peer.node.url, hash: theirs.hash },
    ]
    state.record({ kind: 'disagreement', number: ours.number, hashes, atMs: state.now() })
  }
}

/** Under the validators of our own chain, whatever block the other one stands on. */
function faultsOf(state: State, shown: CheckedBlock): string[] {
  return follow(shown, validatorsAfter(state, shown.number - 1)).faults
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
  const [header] = await Headers.readHeaders(readerOf(state), ['finalized']).catch(nothingFinal)
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
  if (state.failures < READER_FAILURES_MAX) return
  readNextNode(state)
}

function readNextNode(state: State): void {
  state.failures = 0
  if (state.nodes.length === 1) return
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

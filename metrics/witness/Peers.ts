import type { Finality } from '../../scenarios/ballots/Finality.ts'
import * as Headers from './Headers.ts'
import type { Rpc } from '../rpc/Rpc.ts'
import type { Tail } from './Tail.ts'

/** What the other nodes say about the blocks that the witness read from one of them. */
export type Peer = {
  node: Rpc
  /** Its height, −1 until it was heard. */
  height: number
  /** Highest block of ours that it has too; a hash stands for all blocks below. */
  agreedNumber: number
  /** It had another block at a height at which ours is final; to be confirmed by the reader. */
  suspicion: { ours: Headers.Header; theirs: Headers.Header } | undefined
  /** A confirmed disagreement that has not ended; noted once. */
  isDisagreeing: boolean
  /** When it was heard last; a node that agrees is asked rarely. */
  heardAtMs: number
}

/** What is compared: our blocks, and up to where they are final. */
export type View = { tail: Tail; finality: Finality; finalNumber: number }

/** A node that agrees is asked again after this, for its height. */
const QUIET_MS = 1000

export function create(node: Rpc): Peer {
  return {
    node,
    height: -1,
    agreedNumber: -1,
    suspicion: undefined,
    isDisagreeing: false,
    heardAtMs: -Infinity,
  }
}

/** The highest block that may be final once enough nodes have it. */
export function candidateNumber(view: View): number {
  const tipNumber = view.tail.tip()?.number ?? -1
  if (view.finality.kind === 'instant') return tipNumber
  return view.finality.kind === 'depth' ? tipNumber - view.finality.depth : view.finalNumber
}

/**
 * Asks a node for its height and for the block at the height of interest, unless it agreed there a
 * moment ago.
 *
 * @returns whether it was asked.
 * @throws {RpcError}
 */
export async function compare(peer: Peer, view: View, now: () => number): Promise<boolean> {
  const number = candidateNumber(view)
  const isSettled = peer.agreedNumber >= number
  if (isSettled && now() - peer.heardAtMs < QUIET_MS) return false
  const { height, header } = await Headers.probe(peer.node, Math.max(0, number))
  peer.height = height
  peer.heardAtMs = now()
  const ours = view.tail.at(number)
  if (header === undefined || ours === undefined) return true
  if (header.hash === ours.hash) {
    peer.agreedNumber = Math.max(peer.agreedNumber, number)
    peer.suspicion = undefined
    peer.isDisagreeing = false
    return true
  }
  peer.agreedNumber = Math.min(peer.agreedNumber, number - 1)
  const isFinalForBoth = number <= view.finalNumber && height >= number + depthOf(view.finality)
  if (isFinalForBoth && !peer.isDisagreeing) {
    peer.suspicion = { ours: { number, hash: ours.hash }, theirs: header }
  }
  return true
}

/**
 * The highest block that a majority of all nodes has. The reader has all that it was read from.
 *
 * @param others - every node but the reader.
 */
export function majorityNumber(others: readonly Peer[], readerNumber: number): number {
  const agreed = [readerNumber, ...others.map((peer) => Math.min(peer.agreedNumber, readerNumber))]
  const majority = Math.floor(agreed.length / 2) + 1
  return agreed.toSorted((a, b) => b - a)[majority - 1] ?? -1
}

function depthOf(finality: Finality): number {
  return finality.kind === 'depth' ? finality.depth : 0
}

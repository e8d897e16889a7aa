import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import * as Seal from '../ethereum/consensus/Seal.ts'
import type { Validators } from '../ethereum/consensus/Validators.ts'
import type { Findings } from './Finding.ts'
import * as Header from '../ethereum/Header.ts'

/** Another node's view of the chain that was verified. */
export type View = {
  node: string
  /** −1 where it gave no answer. */
  height: number
  /**
   * The last block that both have, where they agree; `undefined` where they have none in common, or the
   * node does not have the blocks by which that is told, as one that is still syncing.
   */
  agreesTo: number | undefined
}

/** The chain that was verified. */
export type Verified = {
  fromBlock: number
  toBlock: number
  /** Of whom it was read. */
  node: Rpc.Rpc
  validators: Validators
  /** Blocks at a node's tip that a reorganisation may still replace. */
  depth: number
}

/**
 * Holds every other node's chain against the one that was verified: the same hash at the last
 * common height, recomputed from the header that the node shows; else the first block that differs.
 */
export async function compareNodes(
  verified: Verified,
  others: readonly Rpc.Rpc[],
  findings: Findings,
): Promise<View[]> {
  return Promise.all(
    others.map((other) => compare(verified, other, findings).catch(() => away(other))),
  )
}

function away({ name }: Rpc.Rpc): View {
  return { node: name, height: -1, agreesTo: undefined }
}

async function compare(verified: Verified, other: Rpc.Rpc, findings: Findings): Promise<View> {
  const latest = await CheckedBlock.readHeader(other, 'latest')
  if (latest === undefined) return away(other)
  const height = Number(latest.number)
  const common = Math.max(0, Math.min(height - verified.depth, verified.toBlock))
  const view = { node: other.name, height }
  const atCommon = await isSame(verified, other, common)
  if (atCommon === undefined) return { ...view, agreesTo: undefined }
  if (atCommon) return { ...view, agreesTo: common }
  // The chains part once: below they are the same, above they differ.
  let [agreed, differs] = [-1, common]
  while (differs - agreed > 1) {
    const middle = Math.floor((agreed + differs) / 2)
    // oxlint-disable-next-line no-await-in-loop -- where to look next follows from the answer
    const same = await isSame(verified, other, middle)
    if (same === undefined) return { ...view, agreesTo: undefined }
    if (same) agreed = middle
    else differs = middle
  }
  const [ours, theirs] = await Promise.all([
    CheckedBlock.readHeader(verified.node, differs),
    CheckedBlock.readHeader(other, differs),
  ])
  const { kind, members } = verified.validators
  const seals = theirs && Seal.countOf(Seal.read(theirs, kind), members)
  findings.add({
    kind: 'nodesDisagree',
    message: `From block ${differs} on ${other.name} shows another chain than ${verified.node.name}.`,
    evidence: {
      block: differs,
      node: verified.node.name,
      hash: ours?.hash ?? '',
      otherNode: other.name,
      otherHash: theirs?.hash ?? '',
      // Both sealed by a quorum: then it is the validators who broke their word, not a node.
      ...(kind !== 'none' && { otherSeals: `${seals ?? 0} of ${members.length}` }),
    },
  })
  return { ...view, agreesTo: agreed === -1 ? undefined : agreed }
}

/** Undefined where the other node does not have the block: that is no other chain. */
async function isSame(
  { node }: Verified,
  other: Rpc.Rpc,
  number: number,
): Promise<boolean | undefined> {
  const [ours, theirs] = await Promise.all([
    CheckedBlock.readHeader(node, number),
    CheckedBlock.readHeader(other, number),
  ])
  if (ours === undefined || theirs === undefined) return undefined
  return Header.hash(ours).equals(Header.hash(theirs))
}

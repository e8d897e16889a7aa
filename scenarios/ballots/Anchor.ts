import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { Interface } from 'ethers'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import { keccak256 } from './keccak256.ts'
import * as MerkleTree from './MerkleTree.ts'
import { word } from './word.ts'

/**
 * The wire of the design `anchored`: batches of unsigned ballots with a commitment. The service
 * writes them; the contract checks no voter and counts no choice, a reader does.
 */
export const ballotAnchor: Interface = new Interface([
  'function createPoll(string question, string[] options, address register, uint32 firstVoter, uint32 voterCount, uint40 opensAt, uint40 closesAt, uint40 sealsAt) returns (uint256 pollId)',
  'function anchor(bytes32 root, bytes ballots)',
  'function pollCount() view returns (uint256)',
  'function batchCount() view returns (uint256)',
  'function rootOf(uint256 batch) view returns (bytes32)',
  'function ballotCount(uint256 pollId) view returns (uint256)',
  'event PollCreated(uint256 indexed pollId, bytes32 pollDigest, address indexed register, uint32 firstVoter, uint32 voterCount, uint40 opensAt, uint40 closesAt, uint40 sealsAt, string question, string[] options)',
  'event BallotsAnchored(uint256 indexed batch, bytes32 root, uint256 ballots)',
])

/** A ballot as it is mirrored. */
export type Anchored = { pollId: number; voterIndex: number; choice: number }

/** Bytes before the ballots of one poll: pollId (4), their number (2). */
export const GROUP_HEADER_BYTES = 6
/** Bytes of a ballot in its group: voterIndex (4), choice (1). */
export const RECORD_SIZE_BYTES = 5
/** Ballots in one group at most; more make another group. */
export const GROUP_BALLOTS_MAX = 65_535

/**
 * Packs ballots, group after group in the given order; neighbours of one poll share a group. All
 * integers stand big end first.
 */
export function encode(ballots: readonly Anchored[]): Buffer {
  const groups: Anchored[][] = []
  for (const ballot of ballots) {
    const last = groups.at(-1)
    const isSame = last?.[0]?.pollId === ballot.pollId && last.length < GROUP_BALLOTS_MAX
    if (isSame) last.push(ballot)
    else groups.push([ballot])
  }
  const size = groups.length * GROUP_HEADER_BYTES + ballots.length * RECORD_SIZE_BYTES
  const packed = Buffer.alloc(size)
  let offset = 0
  for (const group of groups) {
    packed.writeUInt32BE(group[0]?.pollId ?? 0, offset)
    packed.writeUInt16BE(group.length, offset + 4)
    offset += GROUP_HEADER_BYTES
    for (const { voterIndex, choice } of group) {
      packed.writeUInt32BE(voterIndex, offset)
      packed.writeUInt8(choice, offset + 4)
      offset += RECORD_SIZE_BYTES
    }
  }
  return packed
}

/**
 * The ballots of a packed batch, in their order.
 *
 * @throws {MalformedError} where the groups do not fill the bytes exactly, or one is empty.
 */
export function decode(packed: Buffer): Anchored[] {
  const ballots: Anchored[] = []
  let offset = 0
  while (offset < packed.length) {
    if (offset + GROUP_HEADER_BYTES > packed.length) throw new MalformedError(packed.length, offset)
    const pollId = packed.readUInt32BE(offset)
    const count = packed.readUInt16BE(offset + 4)
    const end = offset + GROUP_HEADER_BYTES + count * RECORD_SIZE_BYTES
    if (count === 0 || end > packed.length) throw new MalformedError(packed.length, offset)
    for (offset += GROUP_HEADER_BYTES; offset < end; offset += RECORD_SIZE_BYTES) {
      const voterIndex = packed.readUInt32BE(offset)
      ballots.push({ pollId, voterIndex, choice: packed.readUInt8(offset + 4) })
    }
  }
  if (ballots.length === 0) throw new MalformedError(packed.length, 0)
  return ballots
}

/** Sets leaves apart from the tree's inner nodes, which are hashes of 64 bytes. */
const LEAF_PREFIX = Buffer.from('ballotstorm anchored ballot v1')

/** The leaf of a ballot, 32 bytes: anybody who knows the ballot computes it. */
export function leaf({ pollId, voterIndex, choice }: Anchored): Buffer {
  const fields = Buffer.alloc(9)
  fields.writeUInt32BE(pollId, 0)
  fields.writeUInt32BE(voterIndex, 4)
  fields.writeUInt8(choice, 8)
  return keccak256(LEAF_PREFIX, fields)
}

/** The Merkle root over the ballots' leaves, `0x` and 64 hex digits; any order gives the same. */
export function root(ballots: readonly Anchored[]): string {
  return tree(ballots).root
}

/**
 * The way from a ballot's leaf to the root: the siblings from the bottom up, 0x-prefixed.
 *
 * @param index - the ballot's place in `ballots`.
 */
export function proof(ballots: readonly Anchored[], index: number): string[] {
  return tree(ballots).proof(index)
}

/** Whether a ballot belongs to a root; needs neither chain nor service. */
export function isIncluded(ballot: Anchored, siblings: readonly string[], ofRoot: string): boolean {
  try {
    return SimpleMerkleTree.verify(ofRoot, leaf(ballot), [...siblings])
  } catch {
    // The library throws on what is no hash.
    return false
  }
}

/** The whole tree, for who asks for more than one proof of a batch. */
export function tree(ballots: readonly Anchored[]): MerkleTree.MerkleTree {
  return MerkleTree.of(ballots.map((ballot) => leaf(ballot)))
}

const SELECTOR = Buffer.from(
  ballotAnchor.encodeFunctionData('anchor', [word(0), '0x']).slice(2, 10),
  'hex',
)

/** Calldata before the packed ballots: selector, root, offset, length. */
const HEAD_BYTES = 4 + 96

/** The calldata of `anchor`. @param rootHash - `0x` and 64 hex digits. */
export function calldata(rootHash: string, packed: Buffer): Buffer {
  const padding = Buffer.alloc((32 - (packed.length % 32)) % 32)
  const head = [SELECTOR, Buffer.from(rootHash.slice(2), 'hex'), word(64), word(packed.length)]
  return Buffer.concat([...head, packed, padding])
}

/** The packed ballots in the calldata of `anchor`, as {@link calldata} writes it. */
export function packedOf(data: Uint8Array): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const lengthBytes = bytes.readUInt32BE(HEAD_BYTES - 4)
  return bytes.subarray(HEAD_BYTES, HEAD_BYTES + lengthBytes)
}

/** The calldata of an anchor is no packed batch. */
export class MalformedError extends BallotstormError {
  override readonly name = 'Anchor.MalformedError'
  readonly code = 'ANCHOR_MALFORMED'
  readonly exitCode = 1
  readonly remedy = 'See who wrote the batch: the relayer packs none like it.'
  constructor(lengthBytes: number, offset: number) {
    super(
      `A packed batch of ${lengthBytes} bytes is broken at byte ${offset}: the groups must fill it, none empty.`,
    )
  }
}

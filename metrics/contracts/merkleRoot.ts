import { keccak256 } from '../../scenarios/ballots/keccak256.ts'

/**
 * The root of a Merkle tree over 32-byte leaves, after OpenZeppelin's rules: the leaves sorted and
 * laid into a complete binary tree from its end, each pair hashed in sorted order. Written anew
 * rather than taken from what the service computes its roots with: a mistake there shows here.
 *
 * @param leaves - at least one.
 * @returns `0x` and 64 hex digits.
 */
export function merkleRoot(leaves: readonly Buffer[]): string {
  // Two from the front, their parent to the back: the complete tree, built from its end.
  const queue = leaves.toSorted((a, b) => Buffer.compare(a, b))
  for (let taken = 0; queue.length - taken > 1; taken += 2) {
    const [right, left] = [queue[taken], queue[taken + 1]]
    if (left === undefined || right === undefined) break
    queue.push(Buffer.compare(left, right) < 0 ? keccak256(left, right) : keccak256(right, left))
  }
  return `0x${queue.at(-1)?.toString('hex')}`
}

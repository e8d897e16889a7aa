import * as DayCurve from '../population/DayCurve.ts'
import * as Hash from '../population/Hash.ts'
import * as PrefixSums from '../population/PrefixSums.ts'

/**
 * When the ballots of a day come: a Poisson process along the day's curve, given its count. The
 * instants are the order statistics of uniform shares put through the curve, found by halving: how
 * many of *n* fall into the left half is binomial, so it is counted in *n* random bits that belong
 * to that half alone. The same halves give the stream and any single instant.
 *
 * Memory: 8 bytes for each 64 ballots, at most 512 KiB.
 */
export type DayArrivals = {
  count: number
  /** From opening to closing, compressed. */
  durationMs: number
  /** The instant of ballot `ballot` (0 to count − 1), ms after opening, in O(log count). */
  instant(ballot: number): number
  /** All instants ascending: what {@link DayArrivals.instant} says of each, one after the other. */
  instants(): Generator<number>
}

export type Options = {
  seed: string
  /** One for each poll or day, so that their instants are unrelated. */
  label: string
  /** Ballots: 0 to 2^32. */
  count: number
  /** The day is played so many times faster. @default 1 */
  compress?: number | undefined
}

/** Ballots in a leaf of the tree whose halves are counted ahead: a look-up halves on from there. */
const LEAF_BALLOTS = 64
const LEAF_LEVEL_MAX = 16

/** Halves end where a double can no longer number them. */
const LEVEL_MAX = 52

/** A day's arrivals under a seed. */
export function create(curve: DayCurve.DayCurve, options: Options): DayArrivals {
  const { seed, label, count, compress = 1 } = options
  const hash = Hash.create(seed, `day-arrivals/${label}`)
  const leafLevel = Math.min(
    LEAF_LEVEL_MAX,
    Math.max(0, Math.ceil(Math.log2(count / LEAF_BALLOTS))),
  )
  const firstLeaf = 2 ** leafLevel
  const starts = PrefixSums.create(leafCounts(hash, count, leafLevel))
  const toMs = (share: number): number => DayCurve.quantile(curve, share) / compress

  return {
    count,
    durationMs: curve.durationMs / compress,
    instant(ballot) {
      const leaf = PrefixSums.cellOf(starts, ballot)
      const start = PrefixSums.startOf(starts, leaf)
      const inside = PrefixSums.startOf(starts, leaf + 1) - start
      const at = { node: firstLeaf + leaf, level: leafLevel }
      return toMs(shareOf(hash, at, { count: inside, index: ballot - start }))
    },
    *instants() {
      for (let leaf = 0; leaf < firstLeaf; leaf += 1) {
        const inside = PrefixSums.startOf(starts, leaf + 1) - PrefixSums.startOf(starts, leaf)
        const shares = new Float64Array(inside)
        fill(hash, { node: firstLeaf + leaf, level: leafLevel }, { shares, from: 0, count: inside })
        for (const share of shares) yield toMs(share)
      }
    },
  }
}

/** A half of a half …: `node` counts from 2^level, as in a heap. */
type Node = { node: number; level: number }

/** How many ballots each leaf holds. */
function leafCounts(hash: Hash.Hash, count: number, leafLevel: number): Float64Array {
  let counts = Float64Array.of(count)
  for (let level = 0; level < leafLevel; level += 1) {
    const halves = new Float64Array(counts.length * 2)
    for (let index = 0; index < counts.length; index += 1) {
      const inside = counts[index] ?? 0
      const left = leftOf(hash, counts.length + index, inside)
      halves[2 * index] = left
      halves[2 * index + 1] = inside - left
    }
    counts = halves
  }
  return counts
}

/** The share below which `index` of the node's `count` ballots are cast. */
function shareOf(hash: Hash.Hash, at: Node, ballot: { count: number; index: number }): number {
  let { node, level } = at
  let { count, index } = ballot
  while (count > 1 && level < LEVEL_MAX) {
    const left = leftOf(hash, node, count)
    const isLeft = index < left
    node = 2 * node + (isLeft ? 0 : 1)
    index -= isLeft ? 0 : left
    count = isLeft ? left : count - left
    level += 1
  }
  return shareInside(hash, { node, level }, { count, index })
}

/** Writes the shares of all ballots of a node, ascending. */
function fill(
  hash: Hash.Hash,
  { node, level }: Node,
  { shares, from, count }: { shares: Float64Array; from: number; count: number },
): void {
  if (count > 1 && level < LEVEL_MAX) {
    const left = leftOf(hash, node, count)
    fill(hash, { node: 2 * node, level: level + 1 }, { shares, from, count: left })
    const right = { shares, from: from + left, count: count - left }
    fill(hash, { node: 2 * node + 1, level: level + 1 }, right)
    return
  }
  for (let index = 0; index < count; index += 1) {
    shares[from + index] = shareInside(hash, { node, level }, { count, index })
  }
}

/** Where a ballot lies in a node that is halved no further: anywhere, or evenly should there be several. */
function shareInside(
  hash: Hash.Hash,
  { node, level }: Node,
  { count, index }: { count: number; index: number },
): number {
  const inside = count === 1 ? Hash.toUniform(wordOf(hash, node, 0)) : (index + 1) / (count + 1)
  return (node - 2 ** level + inside) / 2 ** level
}

/** How many of the node's ballots fall into its left half: ones among as many random bits. */
function leftOf(hash: Hash.Hash, node: number, count: number): number {
  let ones = 0
  let bits = count
  for (let word = 1; bits > 0; word += 1, bits -= 32) {
    const random = wordOf(hash, node, word)
    ones += popCount(bits >= 32 ? random : random & (2 ** bits - 1))
  }
  return ones
}

const GOLDEN = 0x9e3779b9

/** Random word `index` of a node. */
function wordOf(hash: Hash.Hash, node: number, index: number): number {
  return hash(node >>> 0, Math.floor(node / 2 ** 32) + Math.imul(index, GOLDEN))
}

function popCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555)
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333)
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

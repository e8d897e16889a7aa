/**
 * The sequence numbers that no row was seen with. Transactions commit in another order than they
 * took their numbers, so a gap may be filled a moment later; a refused insertion leaves one for ever.
 */
export type Gaps = {
  /** The highest number seen; below it everything is either seen or in a gap. */
  highest(): number
  /** Notes numbers above the highest, lowest first. */
  extend(sequences: readonly number[], nowMs: number): void
  /** Notes a number that lay in a gap. */
  fill(sequence: number): void
  /** The youngest gaps that may still be filled by a transaction that was under way. */
  young(nowMs: number): Gap[]
  all(): readonly Gap[]
  /** Gaps that are no longer known, for lack of room. */
  forgottenCount(): number
}

/** Missing numbers, both ends included. */
export type Gap = { first: number; last: number; sinceMs: number }

/** Statements of the API end within 3 s; three times that, and the gap is one for ever. */
export const YOUNG_MS = 10_000

/** Gaps asked about in a reading; a storm of refused insertions must not make each one long. */
export const YOUNG_MAX = 1000

/** About 64 MB. */
export const GAPS_MAX = 1_000_000

/** @param afterSequence - up to this number nothing is looked for. */
export function create(gapsMax: number = GAPS_MAX, afterSequence = 0): Gaps {
  // Numbers below 1 are never given out; a row that somebody put there is found by the last check.
  const gaps: Gap[] = [{ first: -Number.MAX_SAFE_INTEGER, last: 0, sinceMs: -Infinity }]
  let highest = afterSequence
  let forgottenCount = 0
  return {
    highest: () => highest,
    extend(sequences, nowMs) {
      for (const sequence of sequences) {
        const isNext = sequence === highest + 1
        if (!isNext) gaps.push({ first: highest + 1, last: sequence - 1, sinceMs: nowMs })
        highest = sequence
      }
      if (gaps.length > gapsMax) forgottenCount += gaps.splice(0, gaps.length - gapsMax).length
    },
    fill(sequence) {
      const index = findLastAtOrBelow(gaps, sequence)
      const gap = gaps[index]
      if (gap === undefined || sequence > gap.last) return
      const rest = [
        { ...gap, last: sequence - 1 },
        { ...gap, first: sequence + 1 },
      ].filter(({ first, last }) => first <= last)
      gaps.splice(index, 1, ...rest)
    },
    young: (nowMs) => gaps.slice(-YOUNG_MAX).filter(({ sinceMs }) => nowMs - sinceMs < YOUNG_MS),
    all: () => gaps,
    forgottenCount: () => forgottenCount,
  }
}

/** The index of the last gap that begins at or below a number, −1 where none does. */
function findLastAtOrBelow(gaps: readonly Gap[], sequence: number): number {
  let [low, high] = [0, gaps.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((gaps[middle]?.first ?? Infinity) <= sequence) low = middle + 1
    else high = middle
  }
  return low - 1
}

import * as Spool from '../../ballots/Spool.ts'

/**
 * Whose ballot is which, as the spool itself says: the order in which voters come is known to no
 * one else. Memory: 8 bytes a ballot; while it is made, up to 11 more.
 */
export type VoterIndex = {
  /** The index of ballot `ballot`'s voter in the register. */
  voterOf(ballot: number): number
  /** The ballots of the same voter in this spool, from `ballot` back to the first. */
  backFrom(ballot: number): Iterable<number>
}

/** Records read at a time. */
const CHUNK = 8192

/** Reads every record once. */
export function create(spool: Spool.Spool): VoterIndex {
  const { count, recordSizeBytes } = spool.header
  const voters = new Uint32Array(count)
  /** The voter's ballot before, counted from 1; 0 where there is none. */
  const before = new Uint32Array(count)
  const last = createLastBallots(count, voters)
  for (let first = 0; first < count; first += CHUNK) {
    const records = spool.read(first, CHUNK)
    for (let offset = 0; offset < records.length; offset += recordSizeBytes) {
      const ballot = first + offset / recordSizeBytes
      voters[ballot] = Spool.decodeIntent(records, offset).voterIndex
      before[ballot] = last.exchange(ballot)
    }
  }
  return {
    voterOf: (ballot) => voters[ballot] ?? 0,
    *backFrom(ballot) {
      for (let at = ballot + 1; at > 0; at = before[at - 1] ?? 0) yield at - 1
    },
  }
}

/** The latest ballot of each voter, by open addressing. */
function createLastBallots(count: number, voters: Uint32Array) {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(4, (count * 4) / 3)))
  const ballots = new Uint32Array(capacity)
  return {
    /** Puts a ballot in its voter's place; gives the one before it, counted from 1, or 0. */
    exchange(ballot: number): number {
      const voter = voters[ballot] ?? 0
      // Neighbours in the register are spread by a multiplication (Knuth, The Art of Computer Programming 6.4).
      let slot = Math.imul(voter, 2_654_435_761) & (capacity - 1)
      for (;;) {
        const found = ballots[slot] ?? 0
        if (found === 0 || voters[found - 1] === voter) {
          ballots[slot] = ballot + 1
          return found
        }
        slot = (slot + 1) & (capacity - 1)
      }
    },
  }
}

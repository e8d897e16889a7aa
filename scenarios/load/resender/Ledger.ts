/**
 * What the resender knows of every ballot, in typed arrays: at most 46 bytes a ballot (14 of state
 * and queue, up to 32 of the index by transaction hash).
 */
export type Ledger = {
  /** A node took the ballot's transaction; it is looked for from `dueAtMs` on. */
  acknowledge(ballot: number, transactionHash: string, dueAtMs: number): void
  /** An attempt was made with the ballot that gave no definite answer. */
  doubt(ballot: number): void
  /** The ballot of a transaction in a block, or `undefined` for somebody else's. */
  ballotOf(transactionHash: string): number | undefined
  /** The ballot is in a block. */
  mine(ballot: number): void
  /** The ballot's block vanished: it is looked for again from `dueAtMs` on. */
  unmine(ballot: number, dueAtMs: number): void
  /** Takes up to `max` missing ballots that are due; each must be given to `wait` or `giveUp`. */
  due(nowMs: number, max: number): number[]
  /** The ballot is looked for again from `dueAtMs` on. */
  wait(ballot: number, dueAtMs: number): void
  /** Counts one more try; gives their number. */
  tried(ballot: number): number
  giveUp(ballot: number): void
  state(ballot: number): State
  counts(): { acknowledged: number; missing: number; mined: number; givenUp: number }
}

/** `quiet`: nothing to look for. */
export type State = 'quiet' | 'doubtful' | 'missing' | 'mined' | 'givenUp'

const STATES: readonly State[] = ['quiet', 'doubtful', 'missing', 'mined', 'givenUp']
const CODE = { quiet: 0, doubtful: 1, missing: 2, mined: 3, givenUp: 4 } as const

/** An empty ledger of ballots 0 … `ballotCount` − 1. */
export function create(ballotCount: number): Ledger {
  const states = new Uint8Array(ballotCount)
  const tries = new Uint8Array(ballotCount)
  const dueAtMs = new Float64Array(ballotCount)
  const queue = createQueue(ballotCount)
  const queued = new Uint8Array(Math.ceil(ballotCount / 8))
  const index = createHashIndex(ballotCount)
  const counts = { acknowledged: 0, missing: 0, mined: 0, givenUp: 0 }

  const become = (ballot: number, next: State): void => {
    const before = STATES[states[ballot] ?? 0] ?? 'quiet'
    if (before === 'missing' || before === 'mined' || before === 'givenUp') counts[before] -= 1
    if (next === 'missing' || next === 'mined' || next === 'givenUp') counts[next] += 1
    states[ballot] = CODE[next]
  }
  const isQueued = (ballot: number): boolean =>
    (((queued[ballot >> 3] ?? 0) >> (ballot & 7)) & 1) === 1
  const setQueued = (ballot: number, value: boolean): void => {
    const byte = queued[ballot >> 3] ?? 0
    const bit = 1 << (ballot & 7)
    queued[ballot >> 3] = value ? byte | bit : byte & ~bit
  }
  const wait = (ballot: number, atMs: number): void => {
    dueAtMs[ballot] = atMs
    if (isQueued(ballot)) return
    setQueued(ballot, true)
    queue.push(ballot)
  }
  const stateOf = (ballot: number): State => STATES[states[ballot] ?? 0] ?? 'quiet'

  return {
    acknowledge(ballot, transactionHash, atMs) {
      const state = stateOf(ballot)
      if (ballot >= ballotCount || (state !== 'quiet' && state !== 'doubtful')) return
      counts.acknowledged += 1
      index.add(transactionHash, ballot)
      become(ballot, 'missing')
      wait(ballot, atMs)
    },
    doubt(ballot) {
      if (ballot < ballotCount && stateOf(ballot) === 'quiet') become(ballot, 'doubtful')
    },
    ballotOf: (transactionHash) => index.find(transactionHash),
    mine: (ballot) => become(ballot, 'mined'),
    unmine(ballot, atMs) {
      become(ballot, 'missing')
      wait(ballot, atMs)
    },
    due(nowMs, max) {
      const ballots: number[] = []
      while (ballots.length < max) {
        const ballot = queue.peek()
        if (ballot === undefined) break
        const isMissing = stateOf(ballot) === 'missing'
        // Waits are equally long, so behind one that is not due none is.
        if (isMissing && (dueAtMs[ballot] ?? 0) > nowMs) break
        queue.shift()
        setQueued(ballot, false)
        if (isMissing) ballots.push(ballot)
      }
      return ballots
    },
    wait,
    tried(ballot) {
      const count = Math.min(255, (tries[ballot] ?? 0) + 1)
      tries[ballot] = count
      return count
    },
    giveUp: (ballot) => become(ballot, 'givenUp'),
    state: stateOf,
    counts: () => ({ ...counts }),
  }
}

/** First in, first out; a ring that holds each ballot once. */
function createQueue(capacity: number) {
  const ring = new Uint32Array(capacity)
  let head = 0
  let length = 0
  return {
    push(ballot: number): void {
      ring[(head + length) % capacity] = ballot
      length += 1
    },
    peek: (): number | undefined => (length === 0 ? undefined : ring[head]),
    shift(): void {
      head = (head + 1) % capacity
      length -= 1
    },
  }
}

/**
 * From the first 8 bytes of a transaction hash to the ballot, by open addressing. Two hashes of ten
 * million agree in 8 bytes with a probability of 3 in a million.
 */
function createHashIndex(ballotCount: number) {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(4, (ballotCount * 4) / 3)))
  const high = new Uint32Array(capacity)
  const low = new Uint32Array(capacity)
  const ballots = new Uint32Array(capacity)
  const slotOf = (hash: string): { slot: number; top: number; bottom: number } => {
    const top = Number.parseInt(hash.slice(2, 10), 16)
    const bottom = Number.parseInt(hash.slice(10, 18), 16)
    let slot = top & (capacity - 1)
    while (ballots[slot] !== 0 && (high[slot] !== top || low[slot] !== bottom)) {
      slot = (slot + 1) & (capacity - 1)
    }
    return { slot, top, bottom }
  }
  return {
    add(hash: string, ballot: number): void {
      const { slot, top, bottom } = slotOf(hash)
      high[slot] = top
      low[slot] = bottom
      // 0 marks a free slot.
      ballots[slot] = ballot + 1
    },
    find(hash: string): number | undefined {
      const found = ballots[slotOf(hash).slot] ?? 0
      return found === 0 ? undefined : found - 1
    },
  }
}

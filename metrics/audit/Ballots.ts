/** The ballots that count: one for each voter and poll, in 14 to 28 bytes each. */
export type Ballots = {
  count(): number
  /** The ballot of a voter in a poll. */
  get(pollId: number, voterIndex: number): CountedBallot | undefined
  /** Adds a ballot; false, and nothing changes, where the voter has one in this poll. */
  add(pollId: number, voterIndex: number, ballot: CountedBallot): boolean
  /** Calls with every ballot, in no order. */
  forEach(visit: (pollId: number, voterIndex: number, ballot: CountedBallot) => void): void
  /** Those that were added since this was called last, as {@link RECORD_SIZE_BYTES} each. */
  takeNew(): Buffer
}

/** Bytes of a ballot in a file: poll (4), voter (4), choice (1), block (4). */
export const RECORD_SIZE_BYTES = 13

/**
 * Reads records back.
 *
 * @yields poll, voter and ballot.
 */
export function* parse(records: Buffer): Generator<[number, number, CountedBallot]> {
  for (let at = 0; at + RECORD_SIZE_BYTES <= records.length; at += RECORD_SIZE_BYTES) {
    const ballot = { choice: records.readUInt8(at + 8), block: records.readUInt32BE(at + 9) }
    yield [records.readUInt32BE(at), records.readUInt32BE(at + 4), ballot]
  }
}

/** What a ballot says and in which block it stands. */
export type CountedBallot = { choice: number; block: number }

const SLOTS_FIRST = 1024
/** Above this share of used slots the table doubles. */
const LOAD_MAX = 0.75
const FREE = 0

/**
 * An open-addressing hash table in typed arrays: a poll of twelve million and thousands of small
 * polls take the same room a ballot.
 *
 * @param options - `isRecorded`: whether {@link Ballots.takeNew} will be called.
 */
export function create({ isRecorded }: { isRecorded: boolean }): Ballots {
  let table = allocate(SLOTS_FIRST)
  let count = 0
  let fresh: Buffer[] = []
  return {
    count: () => count,
    get(pollId, voterIndex) {
      const slot = find(table, pollId, voterIndex)
      return table.polls[slot] === FREE ? undefined : ballotIn(table, slot)
    },
    add(pollId, voterIndex, ballot) {
      const slot = find(table, pollId, voterIndex)
      if (table.polls[slot] !== FREE) return false
      put(table, slot, [pollId, voterIndex, ballot.choice, ballot.block])
      count += 1
      if (isRecorded) fresh.push(record(pollId, voterIndex, ballot))
      if (count > LOAD_MAX * table.polls.length) table = grown(table)
      return true
    },
    forEach(visit) {
      for (let slot = 0; slot < table.polls.length; slot += 1) {
        const pollId = table.polls[slot] ?? FREE
        if (pollId !== FREE) visit(pollId, table.voters[slot] ?? 0, ballotIn(table, slot))
      }
    },
    takeNew() {
      const records = Buffer.concat(fresh)
      fresh = []
      return records
    },
  }
}

/** Poll ids begin with 1: 0 marks a slot as free. */
type Table = {
  polls: Uint32Array
  voters: Uint32Array
  choices: Uint8Array
  blocks: Uint32Array
}

function allocate(slots: number): Table {
  return {
    polls: new Uint32Array(slots),
    voters: new Uint32Array(slots),
    choices: new Uint8Array(slots),
    blocks: new Uint32Array(slots),
  }
}

/** The slot that holds the voter's ballot, or the free one in which it belongs. */
function find({ polls, voters }: Table, pollId: number, voterIndex: number): number {
  const mask = polls.length - 1
  let slot = (Math.imul(pollId, 0x9e3779b1) ^ Math.imul(voterIndex, 0x85ebca6b)) >>> 0
  slot = (slot ^ (slot >>> 15)) & mask
  while (polls[slot] !== FREE && (polls[slot] !== pollId || voters[slot] !== voterIndex)) {
    slot = (slot + 1) & mask
  }
  return slot
}

function put(table: Table, slot: number, values: readonly [number, number, number, number]): void {
  const [pollId, voterIndex, choice, block] = values
  table.polls[slot] = pollId
  table.voters[slot] = voterIndex
  table.choices[slot] = choice
  table.blocks[slot] = block
}

function grown(from: Table): Table {
  const table = allocate(from.polls.length * 2)
  for (let slot = 0; slot < from.polls.length; slot += 1) {
    const [pollId = FREE, voterIndex = 0] = [from.polls[slot], from.voters[slot]]
    if (pollId === FREE) continue
    const { choice, block } = ballotIn(from, slot)
    put(table, find(table, pollId, voterIndex), [pollId, voterIndex, choice, block])
  }
  return table
}

function ballotIn({ choices, blocks }: Table, slot: number): CountedBallot {
  return { choice: choices[slot] ?? 0, block: blocks[slot] ?? 0 }
}

function record(pollId: number, voterIndex: number, { choice, block }: CountedBallot): Buffer {
  const bytes = Buffer.alloc(RECORD_SIZE_BYTES)
  bytes.writeUInt32BE(pollId, 0)
  bytes.writeUInt32BE(voterIndex, 4)
  bytes.writeUInt8(choice, 8)
  bytes.writeUInt32BE(block, 9)
  return bytes
}

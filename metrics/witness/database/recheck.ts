import { lines } from '../../../scenarios/runtime/lines.ts'
import type { Block, Observation } from '../Observation.ts'
import { blockOf, rowsOf, type Parent } from './blockOf.ts'
import { ROWS_MAX, type Row, type Rows } from './Rows.ts'

export type Options = {
  rows: Rows
  /** What was recorded: lines of a file, both ends included. */
  recorded: { file: string; startBytes: number; endBytes: number }
  /** Appends to that file. */
  record: (observation: Observation) => void
  now: () => number
}

/**
 * Reads every recorded row once more. Where one changed or vanished, the record is taken back to
 * before its block as by a reorganisation, and told anew as the table stands now; blocks that did
 * not change keep hash and times. Memory: one answer, and the changed blocks' rows.
 *
 * @returns how many blocks hold a row that changed or vanished.
 * @throws {UnreadableError} where the database does not answer: then nothing is known, and nothing written.
 */
export async function recheck(options: Options): Promise<number> {
  const { changed, droppedHashes } = await findChanges(options)
  const [first] = changed.keys()
  if (first === undefined) return 0
  const { record, now } = options
  const atMs = now()
  const depth = droppedHashes.length
  record({ kind: 'reorganisation', number: first - 1, depth, droppedHashes, atMs })
  let parent: Parent | undefined
  for await (const line of observations(options)) {
    if (line.kind === 'block') {
      if (line.number === first) parent = { number: first - 1, hash: line.parentHash }
      if (parent === undefined) continue
      parent = retell(options, line, { parent, rows: changed.get(line.number) })
    } else if (line.kind === 'final' && parent !== undefined) {
      const wasKept = !changed.has(line.number)
      record({ ...line, hash: parent.hash, atMs: wasKept ? line.atMs : atMs })
    }
  }
  return changed.size
}

/** Records a block in its new place, with its own rows or with those that stand instead. */
function retell(
  { record }: Options,
  block: Block,
  { parent, rows }: { parent: Parent; rows: readonly Row[] | undefined },
): Parent {
  const told =
    rows === undefined ? { ...block, parentHash: parent.hash } : blockOf(parent, block, rows)
  record(told)
  return told
}

type Changes = {
  /** Numbers of blocks that no longer stand, lowest first, with the rows that stand instead. */
  changed: Map<number, Row[]>
  /** All blocks from the first of them on. */
  droppedHashes: string[]
}

async function findChanges(options: Options): Promise<Changes> {
  const changes: Changes = { changed: new Map(), droppedHashes: [] }
  let blocks: Block[] = []
  let rowCount = 0
  for await (const line of observations(options)) {
    if (line.kind !== 'block') continue
    blocks.push(line)
    rowCount += line.casts.length
    if (rowCount < ROWS_MAX) continue
    await compare(options, blocks, changes)
    blocks = []
    rowCount = 0
  }
  await compare(options, blocks, changes)
  return changes
}

async function compare(
  { rows }: Options,
  blocks: readonly Block[],
  { changed, droppedHashes }: Changes,
): Promise<void> {
  const sequences = blocks.flatMap((block) => rowsOf(block).map(({ sequence }) => sequence))
  const found = sequences.length === 0 ? [] : await rows.at(sequences)
  const standing = new Map(found.map((row) => [row.sequence, row]))
  for (const block of blocks) {
    const recorded = rowsOf(block)
    const isSame = recorded.every((row) => isEqual(row, standing.get(row.sequence)))
    if (!isSame) {
      const rest = recorded.flatMap(({ sequence }) => standing.get(sequence) ?? [])
      changed.set(block.number, rest)
    }
    if (changed.size > 0) droppedHashes.push(block.hash)
  }
}

function isEqual(a: Row, b: Row | undefined): boolean {
  return a.pollId === b?.pollId && a.voterIndex === b.voterIndex && a.choice === b.choice
}

/** @yields our own lines, one after the other. */
async function* observations({ recorded }: Options): AsyncGenerator<Observation> {
  for await (const some of lines(recorded.file, recorded)) {
    for (const { text } of some) {
      const observation: Observation = JSON.parse(text)
      yield observation
    }
  }
}

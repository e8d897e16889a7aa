import type { Validators } from '../ethereum/consensus/Validators.ts'
import type { Header } from './Headers.ts'

/** The youngest blocks that the witness has read, so that memory does not grow with the chain. */
export type Tail = {
  /** The youngest block, `undefined` before the first. */
  tip(): Entry | undefined
  at(number: number): Entry | undefined
  /** Height of the oldest block that is still known. */
  oldestNumber(): number
  append(entry: Entry): void
  /** Removes all blocks above `number`, and gives them, lowest first. */
  cut(number: number): Entry[]
}

export type Entry = Header & {
  timestamp: number
  ballotCount: number
  /** Who may seal the next block. */
  validators: Validators
}

/** Deeper than any reorganisation of a network with finality; about 4 MB. */
export const BLOCKS_MAX = 4096

export function create(blocksMax: number = BLOCKS_MAX): Tail {
  const entries: Entry[] = []
  const oldestNumber = (): number => entries[0]?.number ?? 0
  return {
    tip: () => entries.at(-1),
    at: (number) => (number < oldestNumber() ? undefined : entries[number - oldestNumber()]),
    oldestNumber,
    append(entry) {
      entries.push(entry)
      if (entries.length > blocksMax) entries.shift()
    },
    cut: (number) => entries.splice(Math.max(0, number + 1 - oldestNumber())),
  }
}

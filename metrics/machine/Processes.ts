import type { ProcessTicks } from './ProcFs.ts'

/** A part of the run: its name in the record, and the process that everything of it descends from. */
export type Part = { name: string; pid: number }

/** Adds up what parts used, over processes that come, go, and leave their number to others. */
export type Processes = {
  /** Takes the parts as they are now; processes that have ended keep what was last seen. */
  sample(parts: readonly Part[], all: readonly ProcessTicks[]): void
  /** CPU ticks by part since the first sample. */
  ticksByPart(): Record<string, number>
}

type Seen = { part: string; before: number; last: number }

/**
 * Starts with an empty account. What a process had used before the first sample is not counted; one
 * that appears later is counted whole if it also started later.
 */
export function create(): Processes {
  const seen = new Map<string, Seen>()
  let newestAtStart: number | undefined
  return {
    sample(parts, all) {
      newestAtStart ??= all.reduce((newest, { startedAt }) => Math.max(newest, startedAt), 0)
      const partOf = assign(parts, all)
      for (const { pid, startedAt, cpu } of all) {
        const part = partOf.get(pid)
        if (part === undefined) continue
        // A number is given out again: only with the start it names one process.
        const key = `${pid}:${startedAt}`
        const known = seen.get(key)
        const before = startedAt > newestAtStart ? 0 : cpu
        if (known === undefined) seen.set(key, { part, before, last: cpu })
        else known.last = Math.max(known.last, cpu)
      }
    },
    ticksByPart() {
      const ticks: Record<string, number> = {}
      for (const { part, before, last } of seen.values()) {
        ticks[part] = (ticks[part] ?? 0) + last - before
      }
      return ticks
    },
  }
}

/** Each process belongs to the nearest of its ancestors that is a part, itself included. */
function assign(parts: readonly Part[], all: readonly ProcessTicks[]): ReadonlyMap<number, string> {
  const names = new Map(parts.map(({ name, pid }) => [pid, name]))
  const parents = new Map(all.map(({ pid, parentPid }) => [pid, parentPid]))
  const partOf = new Map<number, string>()
  for (const { pid } of all) {
    const part = nearest(pid, names, parents)
    if (part !== undefined) partOf.set(pid, part)
  }
  return partOf
}

/** Deeper than any tree of processes; ends a circle that a reused number could make. */
const ANCESTORS_MAX = 64

function nearest(
  pid: number,
  names: ReadonlyMap<number, string>,
  parents: ReadonlyMap<number, number>,
): string | undefined {
  let current: number | undefined = pid
  for (let depth = 0; depth < ANCESTORS_MAX && current !== undefined; depth += 1) {
    const name = names.get(current)
    if (name !== undefined) return name
    current = parents.get(current)
  }
  return undefined
}

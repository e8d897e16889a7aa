import { readdirSync, readFileSync } from 'node:fs'

/**
 * A process as the kernel knows it. The start time is what tells it from a later process that was
 * given the same pid.
 */
export type Identity = {
  pid: number
  /** Clock ticks between the machine's boot and the start of the process. */
  startTicks: number
}

/** Linux reports CPU time in hundredths of a second, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100

/** Who has this pid now; also a zombie. `undefined` where nobody has it. */
export function identify(pid: number): Identity | undefined {
  const entry = read(pid)
  return entry === undefined ? undefined : { pid, startTicks: entry.startTicks }
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive({ pid, startTicks }: Identity): boolean {
  const entry = read(pid)
  return entry !== undefined && entry.startTicks === startTicks && !entry.isDead
}

/** Whether anything of the process group that this process leads, or led, still runs. */
export function isGroupAlive(leader: Identity): boolean {
  return (
    !isReused(leader) && readAll().some(({ groupId, isDead }) => groupId === leader.pid && !isDead)
  )
}

/**
 * Signals the process group that this process leads, or led: what it started dies with it.
 *
 * @returns false where nothing of it is left, or its pid belongs to another process by now.
 */
export function signalGroup(leader: Identity, signal: NodeJS.Signals): boolean {
  if (isReused(leader)) return false
  try {
    return process.kill(-leader.pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/**
 * CPU seconds that a process, its children and theirs have used, with the ended ones that were
 * waited for.
 */
export function cpuSeconds(rootPid: number): number {
  const entries = readAll()
  const childrenOf = Map.groupBy(entries, ({ parentPid }) => parentPid)
  let ticks = 0
  const queue = entries.filter(({ pid }) => pid === rootPid)
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    ticks += entry.cpuTicks
    queue.push(...(childrenOf.get(entry.pid) ?? []))
  }
  return ticks / TICKS_PER_SECOND
}

type Entry = Identity & { parentPid: number; groupId: number; cpuTicks: number; isDead: boolean }

/** While a group has members the kernel gives its number to no new process. */
function isReused({ pid, startTicks }: Identity): boolean {
  const entry = read(pid)
  return entry !== undefined && entry.startTicks !== startTicks
}

function readAll(): Entry[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    return Number.isInteger(pid) ? (read(pid) ?? []) : []
  })
}

function read(pid: number): Entry | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The second field is the program's name in brackets and may hold blanks and brackets itself.
  const [state = '', ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // proc(5) counts fields from 1; `numbers` begins with the fourth.
  const field = (index: number): number => Number(numbers[index - 4])
  return {
    pid,
    parentPid: field(4),
    groupId: field(5),
    cpuTicks: field(14) + field(15) + field(16) + field(17),
    startTicks: field(22),
    isDead: 'ZXx'.includes(state),
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The kernel's own counts, in clock ticks. Where they cannot be read they are `undefined`. */
export type CpuTicks = { total: number; idle: number; steal: number }

/** One process: CPU that it used itself, without that of its children. */
export type ProcessTicks = { pid: number; parentPid: number; startedAt: number; cpu: number }

/** Linux reports in hundredths of a second on every platform that Node runs on. */
export const TICKS_PER_SECOND = 100

/** CPU time of the whole machine since it started. */
export function readCpu(root = '/proc'): CpuTicks | undefined {
  const line = read(join(root, 'stat'))?.split('\n', 1)[0]
  if (line === undefined || !line.startsWith('cpu ')) return undefined
  // user nice system idle iowait irq softirq steal; what follows is contained in user and nice.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const [, , , idle = 0, waiting = 0, , , steal = 0] = ticks
  return { total: ticks.reduce((sum, value) => sum + value, 0), idle: idle + waiting, steal }
}

/** Every process that can be seen, at one moment. */
export function readProcesses(root = '/proc'): ProcessTicks[] {
  try {
    return readdirSync(root)
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name), root) ?? [])
  } catch {
    return []
  }
}

/** One process, or `undefined` where it has ended. */
function readProcess(pid: number, root: string): ProcessTicks | undefined {
  const text = read(join(root, String(pid), 'stat'))
  if (text === undefined) return undefined
  // The name is in brackets and may hold spaces and brackets: fields are counted behind the last.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [parentPid, user, system, startedAt] = [1, 11, 12, 19].map((at) => Number(fields[at]))
  if (parentPid === undefined || user === undefined) return undefined
  if (system === undefined || startedAt === undefined) return undefined
  return { pid, parentPid, startedAt, cpu: user + system }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

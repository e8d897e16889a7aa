import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import * as ProcessTable from '../chain/processes/ProcessTable.ts'

const POLL_INTERVAL_MS = 200

export type Options = {
  timeoutMs: number
  /** Called once where another process holds the lock. */
  onWait?: ((holderPid: number) => void) | undefined
}

/**
 * Runs `work` while no other process that asks for the same lock file does. A lock whose holder is
 * dead is taken over.
 *
 * @throws {@link TimeoutError}
 */
export async function hold<Result>(
  path: string,
  { timeoutMs, onWait }: Options,
  work: () => Promise<Result>,
): Promise<Result> {
  let hasTold = false
  for (let waitedMs = 0; !take(path); waitedMs += POLL_INTERVAL_MS) {
    const holder = readHolder(path)
    if (holder !== undefined && !hasTold) onWait?.(holder.pid)
    hasTold ||= holder !== undefined
    if (waitedMs >= timeoutMs) throw new TimeoutError(path, timeoutMs)
    await sleep(POLL_INTERVAL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  const holder = readHolder(path)
  if (holder !== undefined && !ProcessTable.isAlive(holder)) removeStale(path, holder)
  let file: number
  try {
    file = openSync(path, 'wx')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  writeSync(file, JSON.stringify(ProcessTable.identify(process.pid)))
  closeSync(file)
  return true
}

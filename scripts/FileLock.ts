import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'
import * as ProcessTable from '../chain/processes/ProcessTable.ts'

export type Options = {
  timeoutMs: number
  /** Called once where another process holds the lock. */
  onWait?: ((holderPid: number) => void) | undefined
}

const POLL_INTERVAL_MS = 200

const HolderSchema = Type.Object({ pid: Type.Integer(), startTicks: Type.Integer() })

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
    if (holder !== undefined && !hasTold) {
      hasTold = true
      onWait?.(holder.pid)
    }
    if (waitedMs >= timeoutMs) throw new TimeoutError(path, timeoutMs)
    await sleep(POLL_INTERVAL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** The file appears with its content: whoever sees it can tell who holds it. */
function take(path: string): boolean {
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, JSON.stringify(ProcessTable.identify(process.pid)))
  try {
    if (!isHeld(path)) removeStale(path)
    linkSync(mine, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Renames before it removes: where another process was quicker, its fresh lock is put back. */
function removeStale(path: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (isHeld(aside)) linkSync(aside, path)
  rmSync(aside, { force: true })
}

function isHeld(path: string): boolean {
  const holder = readHolder(path)
  return holder !== undefined && ProcessTable.isAlive(holder)
}

function readHolder(path: string): ProcessTable.Identity | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return Value.Check(HolderSchema, holder) ? holder : undefined
  } catch {
    return undefined
  }
}

/** Another process held the lock for too long. */
export class TimeoutError extends BallotstormError {
  override readonly name = 'FileLock.TimeoutError'
  readonly code = 'FILE_LOCK_TIMEOUT'
  readonly exitCode = 104
  readonly remedy = 'Wait for that process, or end it and remove the file.'
  constructor(path: string, timeoutMs: number) {
    super(`Another process has held ${path} for more than ${Math.round(timeoutMs / 1000)} s.`)
  }
}

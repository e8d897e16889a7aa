import { setTimeout as sleep } from 'node:timers/promises'

import type { Part } from '../../chain/processes/Part.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import type { PlannedFault } from '../options/fault.ts'
import { UsageError } from '../UsageError.ts'

/** A fault, and the part that it is injected into. */
export type AimedFault = PlannedFault & { target: Part }

/**
 * Finds the parts of planned faults.
 *
 * @throws {UsageError} where a run has no such part.
 */
export function aim(planned: readonly PlannedFault[], parts: readonly Part[]): AimedFault[] {
  const problems: string[] = []
  const aimed: AimedFault[] = []
  for (const fault of planned) {
    const target = parts.find(({ name }) => name === fault.part)
    if (target === undefined) {
      const known = parts.map(({ name }) => name).join(', ')
      problems.push(`--fault: this run has no part "${fault.part}"; it has ${known}.`)
    } else aimed.push({ ...fault, target })
  }
  if (problems.length > 0) throw new UsageError(problems)
  return aimed
}

/**
 * Injects each fault at its time after the first instant of the storm, and heals it.
 *
 * @param startAtMs - that instant, Unix milliseconds.
 * @param signal - heals all of them at once, and injects no more.
 * @returns what was done, as sentences for the record, once all parts are as they were. Never rejects.
 */
export function injectFaults(
  faults: readonly AimedFault[],
  { startAtMs, signal }: { startAtMs: number; signal: AbortSignal },
): Promise<string[]> {
  const wait = async (ms: number): Promise<void> => {
    await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined)
  }
  return Promise.all(
    faults.map(async ({ fault, target, atMs, lastsMs }) => {
      const deed = `On purpose, ${target.name} ${fault.description} ${atMs / 1000} s after the first instant`
      await wait(startAtMs + atMs - Date.now())
      if (signal.aborted) return `${deed}: no, the run was over before.`
      if (!target.isRunning()) return `${deed}: no, it had ended before.`
      const injectedAtMs = Date.now()
      try {
        await fault.inject(target)
        await wait(lastsMs)
        await fault.heal(target)
      } catch (error) {
        return `${deed}. It did not come back: ${explanationOf(error)}`
      }
      return `${deed}, for ${((Date.now() - injectedAtMs) / 1000).toFixed(1)} s.`
    }),
  )
}

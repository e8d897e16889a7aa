import * as Part from '../../chain/processes/Part.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import { k6Command, type Options } from '../../scenarios/load/k6Command.ts'
import type { Tool } from '../Tools.ts'
import type { Host } from './Host.ts'

const READY_TIMEOUT_MS = 60_000

/** Starts k6 over a feeder that hands out ballots; it fires once the feeder is told when to begin. */
export async function startGenerator(
  { supervisor }: Pick<Host, 'supervisor'>,
  k6: Pick<Tool, 'path'>,
  options: Omit<Options, 'k6Binary'>,
): Promise<Part.Part> {
  const part = Part.of(supervisor, 'k6')
  await supervisor.start({
    ...k6Command({ ...options, k6Binary: k6.path }),
    name: part.name,
    lifetime: 'task',
    // k6 is there as soon as one of its VUs waits for a slice.
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(`${options.feederUrl}/status`, {
          signal: AbortSignal.timeout(1000),
        })
        const status: unknown = await response.json()
        const isWaiting = typeof status === 'object' && status !== null && 'waiting' in status
        return isWaiting && Number(status.waiting) > 0 ? true : undefined
      }),
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return part
}

import type { Run } from '../../metrics/Run.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'
import { buildRig } from './buildRig.ts'
import { openStorm, watchStorm, type Drain } from './fireStorm.ts'
import * as Gauges from './Gauges.ts'
import type { Interruption } from './Interruption.ts'
import { resolveTools } from './resolveTools.ts'
import { settle } from './settle.ts'
import type { Workshop } from './Workshop.ts'

export type Task = {
  storm: Storm
  startedAt: Date
  /** What repeats the run. */
  command: string
  interruption: Interruption
  /** How long the chain is waited for after the storm. @default until sealed */
  drain?: Drain | undefined
}

/**
 * A run from its tools to its record: builds the rig, fires the storm, waits for the sealing and
 * balances the books. What it started is stopped by the workshop's owner.
 *
 * @throws {InterruptedError} where the user interrupts before the first ballot; later the record
 * says so.
 */
export async function execute(workshop: Workshop, task: Task): Promise<Run> {
  const { storm, interruption, drain = 'until sealed', startedAt, command } = task
  const { options, progress } = workshop
  progress.step('tools')
  const hasChain = options.design.contracts !== 'none'
  const network = hasChain ? (options.network ?? storm.network) : undefined
  const tools = await interruption.race(resolveTools(network))
  const rig = await interruption.race(buildRig(workshop, storm, tools))
  const opened = await interruption.race(openStorm(workshop, rig))
  // Only now: what opening the polls has written is none of the storm's.
  const gauges = await Gauges.start(workshop, rig)
  const fired = await watchStorm(workshop, { rig, opened, drain, signal: interruption.signal })
  const interrupted = interruption.signal.aborted
  return settle(workshop, { storm, rig, fired, gauges, startedAt, command, interrupted })
}

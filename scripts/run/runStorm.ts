import type { Run } from '../../metrics/Run.ts'
import { explanationOf, underWay } from '../../scenarios/runtime/BallotstormError.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import { ForeignSpoolError, makePlan } from '../../scenarios/load/makePlan.ts'
import type * as Plan from '../../scenarios/schedule/Plan.ts'
import { castOrder } from '../../scenarios/storms/castOrder.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import * as Rig from '../rig/Rig.ts'
import type { PlannedFault } from '../options/fault.ts'
import { UsageError } from '../UsageError.ts'
import * as Follow from './Follow.ts'
import { openStorm, watchStorm, type Drain, type Watch } from './fireStorm.ts'
import type { Interruption } from './Interruption.ts'
import * as ResourceSampler from './ResourceSampler.ts'
import type { RunContext } from './RunContext.ts'
import { recordRun } from './recordRun.ts'
import { startObservers } from './startObservers.ts'
import { aim, injectFaults, type AimedFault } from './injectFaults.ts'

export type Task = {
  storm: Storm.Storm
  startedAt: Date
  /** What repeats the run. */
  command: string
  interruption: Interruption
  /** What is done to parts on purpose. @default nothing */
  faults?: readonly PlannedFault[] | undefined
  /** How long the chain is waited for after the storm. @default until sealed */
  drain?: Drain | undefined
}

/**
 * One storm on a rig: prepares it, signs the ballots, fires them, waits for the sealing and balances
 * the books. The rig stays; what was started for the storm alone is stopped by the end.
 *
 * @throws {InterruptedError} where the user interrupts before the first ballot; later the record
 * says so.
 */
export async function runStorm(context: RunContext, rig: Rig.Rig, task: Task): Promise<Run> {
  const { storm, interruption } = task
  const ready = await interruption.race(
    Rig.prepare(rig, { voters: storm.voters, pollsOf: (seed) => Storm.polls(storm, seed) }),
  )
  const plan = await interruption.race(planOf(context, ready, storm))
  const observers = await interruption.race(startObservers(context, ready, plan))
  const scene = { ready, plan, observers }
  const aimed = aim(task.faults ?? [], Rig.partsOf(ready.rig))
  // Reads the whole plan, which may take seconds: before the storm has an instant at which it begins.
  const follow = Follow.create(context.folder)
  try {
    const opened = await interruption.race(openStorm(context, scene))
    Rig.countPolls(ready.stand, opened.polls.length)
    return await recordStorm(context, { ...task, scene, opened, follow, aimed })
  } finally {
    follow.close()
  }
}

/** Watches a storm that was opened, and balances its books. */
async function recordStorm(
  context: RunContext,
  known: Task & Pick<Watch, 'scene' | 'opened' | 'follow'> & { aimed: readonly AimedFault[] },
): Promise<Run> {
  const { interruption, drain = 'until sealed', scene } = known
  const { signal } = interruption
  try {
    // Only now: what opening the polls has written is none of the storm's.
    const sampler = await ResourceSampler.start(context, scene)
    const over = new AbortController()
    const injected = injectFaults(known.aimed, {
      startAtMs: known.opened.startAtMs,
      signal: AbortSignal.any([signal, over.signal]),
    })
    const fired = await watchStorm(context.host, { ...known, drain, signal }).finally(() =>
      over.abort(),
    )
    const faultNotes = await injected
    return await recordRun(context, {
      ...known,
      fired,
      sampler,
      faultNotes,
      interrupted: signal.aborted,
    })
  } catch (error) {
    // The feeder has the word: from here on ballots fly.
    throw underWay(error)
  }
}

/** Signs the storm's ballots, or takes those that were signed before. */
export async function planOf(
  {
    host: { progress },
    folder,
    segment,
    spoolFile,
  }: Pick<RunContext, 'segment' | 'spoolFile'> & {
    host: Pick<RunContext['host'], 'progress'>
    folder: Pick<RunContext['folder'], 'planFolder'>
  },
  { rig, stand, polls }: Rig.Ready,
  storm: Storm.Storm,
): Promise<Plan.Plan> {
  const { design } = rig.options
  const { deployment, electorate, registerFile, registerCommitment } = stand
  const { chainId, verifyingContract, codeHash } = deployment
  progress.step(spoolFile === undefined ? 'ballots signed' : 'spool checked')
  const { plan } = await makePlan({
    seed: electorate.seed,
    scenario: storm.name,
    design: design.name,
    path: design.path,
    polls,
    arrivals: storm.arrivals,
    order: castOrder(storm, electorate.seed, polls),
    voter: storm.voter,
    domain: { chainId, verifyingContract },
    codeHash,
    registerCommitment,
    electorateSize: storm.voters,
    registerFile,
    segment,
    spoolFile,
    folder: folder.planFolder,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  }).catch(asUsageError)
  return plan
}

/** A spool that the user has named and that cannot be fired is the user's to replace. */
function asUsageError(error: unknown): never {
  if (error instanceof ForeignSpoolError || error instanceof Spool.DamagedError) {
    throw new UsageError([`--spool: ${explanationOf(error)}`])
  }
  throw error
}

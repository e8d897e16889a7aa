import { rmSync, writeFileSync } from 'node:fs'

import type { Run } from '../../metrics/Run.ts'
import { writeReport } from '../../reports/writeReport.ts'
import * as Arrivals from '../../scenarios/load/Arrivals.ts'
import { describe } from '../../scenarios/load/Plan.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { find, storms } from '../../scenarios/storms/storms.ts'
import * as ExitCode from '../ExitCode.ts'
import { exitCodeOf } from '../exitCodeOf.ts'
import * as Progress from '../Progress.ts'
import * as Disk from '../run/Disk.ts'
import { execute } from '../run/execute.ts'
import * as Interruption from '../run/Interruption.ts'
import * as RunFolder from '../run/RunFolder.ts'
import * as RunOptions from '../run/RunOptions.ts'
import * as Workshop from '../run/Workshop.ts'
import { UsageError } from '../UsageError.ts'
import { tell } from './report.ts'

/**
 * `run <scenario>`: builds the rig, fires the storm, waits for the sealing, balances the books,
 * writes run.json and report.html, and leaves no process.
 *
 * @returns the exit code.
 */
export async function run(scenario: string, flags: RunOptions.Flags): Promise<number> {
  const options = RunOptions.parse(flags)
  const storm = choose(scenario, options)
  const ballots = Arrivals.count(storm.stages)
  Disk.assertRoom(options.outFolder, { ballots, voters: storm.voters })
  const startedAt = new Date()
  const folder = RunFolder.create(options.outFolder, storm.name, startedAt)
  const progress = Progress.create(process.stderr, () => performance.now())
  const load = describe({ ...storm, segment: options.segment })
  progress.note(
    `${storm.name}: ${load}; ${ballots} ballots of ${storm.voters} voters; seed ${options.seed}`,
  )

  const workshop = Workshop.create(options, folder, progress)
  const interruption = Interruption.listen(() => workshop.killAll())
  try {
    const command = RunOptions.command(scenario, flags)
    const record = await execute(workshop, { storm, startedAt, command, interruption })
    return conclude(workshop, record)
  } catch (error) {
    if (error instanceof Interruption.InterruptedError) return giveUp(workshop)
    if (error instanceof UsageError || workshop.supervisor.list().length === 0) throw error
    return breakOff(workshop, error)
  } finally {
    progress.step('everything stopped')
    await workshop.close()
    progress.done()
    interruption.close()
  }
}

function choose(scenario: string, options: RunOptions.RunOptions): Storm.Storm {
  const storm = find(scenario)
  if (storm === undefined) {
    const names = storms.map(({ name }) => name).join(', ')
    throw new UsageError([`There is no scenario "${scenario}"; take one of ${names}.`])
  }
  const changed = Storm.override(storm, options)
  const shortestMs = Math.min(...changed.polls.map(({ sealsAfterCloseMs }) => sealsAfterCloseMs))
  if (shortestMs < SEALING_BLOCKS_MIN * options.blockTimeMs) {
    throw new UsageError([
      `--block-time: with ${options.blockTimeMs} ms a ballot cannot reach the chain between closing and sealing of ${storm.name} (${shortestMs} ms): take at most ${shortestMs / SEALING_BLOCKS_MIN} ms.`,
    ])
  }
  return changed
}

/** From acknowledgement to a final block: a batch waits for one, is mined in the next, and some play. */
const SEALING_BLOCKS_MIN = 4

/** Writes record and report, tells the user, and gives the exit code. */
function conclude({ folder, options }: Workshop.Workshop, record: Run): number {
  writeFileSync(folder.recordFile, `${JSON.stringify(record, undefined, 2)}\n`)
  writeReport({ run: record, file: folder.reportFile })
  tell(record, folder.reportFile, options)
  return exitCodeOf(record)
}

/** A part did not become ready, or something was thrown under way: what is there stays. */
function breakOff({ folder, progress }: Workshop.Workshop, error: unknown): number {
  progress.note(error instanceof Error ? error.message : String(error))
  progress.note(`The run broke off; what there is of it, and the logs, stand in ${folder.path}`)
  return ExitCode.SCENARIO_THREW
}

/** Interrupted before the first ballot: there is nothing to report, and the folder says so. */
function giveUp({ folder, progress }: Workshop.Workshop): number {
  const text = 'Interrupted before the storm began: no ballot was fired.\n'
  writeFileSync(folder.interruptedFile, text)
  rmSync(folder.planFolder, { recursive: true, force: true })
  progress.note(text.trim())
  return ExitCode.INTERRUPTED
}

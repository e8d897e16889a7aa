import { rmSync, writeFileSync } from 'node:fs'

import type { Run } from '../../metrics/Run.ts'
import { writeOutputs } from '../../reports/outputs.ts'
import * as Arrivals from '../../scenarios/schedule/Arrivals.ts'
import { describe } from '../../scenarios/schedule/Plan.ts'
import * as ExitCode from '../ExitCode.ts'
import { exitCodeOf, exitCodeOfError } from '../exitCodeOf.ts'
import * as Progress from '../Progress.ts'
import { breakOff } from '../run/breakOff.ts'
import * as Disk from '../run/Disk.ts'
import * as Host from '../rig/Host.ts'
import { resolveTools } from '../rig/resolveTools.ts'
import * as Rig from '../rig/Rig.ts'
import * as Interruption from '../run/Interruption.ts'
import * as RunFolder from '../run/RunFolder.ts'
import * as RunOptions from '../run/RunOptions.ts'
import { runStorm } from '../run/runStorm.ts'
import { tell } from './report.ts'

/**
 * `run <scenario>`: builds the rig, fires the storm, waits for the sealing, balances the books,
 * writes run.json and report.html, and leaves no process.
 *
 * @returns the exit code.
 */
export async function run(scenario: string, flags: RunOptions.Flags): Promise<number> {
  const { options, storm } = RunOptions.ofScenario(scenario, flags)
  const ballots = Arrivals.count(storm.arrivals)
  Disk.assertRoom(options.outFolder, { ballots, voters: storm.voters })
  const progress = Progress.create(process.stderr, () => performance.now())
  progress.step('tools')
  const tools = await resolveTools(options.network)
  progress.done()
  const startedAt = new Date()
  const folder = RunFolder.create(options.outFolder, storm.name, startedAt)
  const load = describe({ ...storm, segment: options.segment })
  progress.note(
    `${storm.name}: ${load}; ${ballots} ballots of ${storm.voters} voters; seed ${options.seed}`,
  )

  const host = Host.create({ folder: folder.path, progress, keepData: options.keepData })
  const interruption = Interruption.listen(() => host.killAll())
  try {
    const command = RunOptions.command(scenario, flags)
    const rig = await interruption.race(Rig.start(host, options, tools))
    const { spoolFile, segment, attack } = options
    const context = { host, folder, spoolFile, segment, attack }
    const task = { storm, startedAt, command, interruption, faults: options.faults }
    const record = await runStorm(context, rig, task)
    return conclude(folder, record, options)
  } catch (error) {
    progress.fail()
    if (error instanceof Interruption.InterruptedError) return giveUp(host, folder)
    if (exitCodeOfError(error) !== ExitCode.BAD_CONFIGURATION) return breakOff(host, error)
    // For a mistake of the user's nothing was fired, and there is nothing to keep.
    await host.close()
    rmSync(folder.path, { recursive: true, force: true })
    throw error
  } finally {
    progress.step('everything stopped')
    await host.close()
    progress.done()
    interruption.close()
  }
}

/** Writes record and report, tells the user, and gives the exit code. */
function conclude(
  folder: RunFolder.RunFolder,
  record: Run,
  options: Pick<RunOptions.RunOptions, 'json'>,
): number {
  writeFileSync(folder.recordFile, `${JSON.stringify(record, undefined, 2)}\n`)
  writeOutputs(record, folder.path)
  tell(record, folder.reportFile, options)
  return exitCodeOf(record)
}

/** Interrupted before the first ballot: there is nothing to report, and the folder says so. */
function giveUp({ progress }: Host.Host, folder: RunFolder.RunFolder): number {
  const text = 'Interrupted before the storm began: no ballot was fired.\n'
  writeFileSync(folder.interruptedFile, text)
  for (const path of [folder.planFolder, folder.registerFile]) {
    rmSync(path, { recursive: true, force: true })
  }
  progress.note(text.trim())
  return ExitCode.INTERRUPTED
}

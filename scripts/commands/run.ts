import { rmSync, writeFileSync } from 'node:fs'

import type { Run } from '../../metrics/Run.ts'
import { writeReport } from '../../reports/writeReport.ts'
import * as Arrivals from '../../scenarios/schedule/Arrivals.ts'
import { describe } from '../../scenarios/schedule/Plan.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { find, storms } from '../../scenarios/storms/storms.ts'
import * as ExitCode from '../ExitCode.ts'
import { exitCodeOf } from '../exitCodeOf.ts'
import * as Progress from '../Progress.ts'
import { breakOff } from '../run/breakOff.ts'
import * as Disk from '../run/Disk.ts'
import * as Host from '../rig/Host.ts'
import { resolveTools } from '../rig/resolveTools.ts'
import * as Rig from '../rig/Rig.ts'
import type { RigOptions } from '../rig/RigOptions.ts'
import * as Interruption from '../run/Interruption.ts'
import * as RunFolder from '../run/RunFolder.ts'
import * as RunOptions from '../run/RunOptions.ts'
import { runStorm } from '../run/runStorm.ts'
import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import { UsageError } from '../UsageError.ts'
import { tell } from './report.ts'

/**
 * `run <scenario>`: builds the rig, fires the storm, waits for the sealing, balances the books,
 * writes run.json and report.html, and leaves no process.
 *
 * @returns the exit code.
 */
export async function run(scenario: string, flags: RunOptions.Flags): Promise<number> {
  const named = find(scenario)
  const options = RunOptions.parse(flags, named?.network)
  const storm = choose(scenario, named, options)
  const ballots = Arrivals.count(storm.arrivals)
  Disk.assertRoom(options.outFolder, { ballots, voters: storm.voters })
  const progress = Progress.create(process.stderr, () => performance.now())
  const rigOptions = rigOptionsOf(options, storm)
  progress.step('tools')
  const tools = await resolveTools(rigOptions.network)
  progress.done()
  const startedAt = new Date()
  const folder = RunFolder.create(options.outFolder, storm.name, startedAt)
  const load = describe({ ...storm, segment: options.segment })
  progress.note(
    `${storm.name}: ${load}; ${ballots} ballots of ${storm.voters} voters; seed ${options.seed}`,
  )

  const host = Host.create({ folder: folder.path, progress, keepData: options.keepData })
  const interruption = Interruption.listen(() => host.killAll())
  let isRefused = false
  // From then on something may have been sent to the network, and what tells of it stays.
  let isConnected = false
  try {
    const command = RunOptions.command(scenario, flags)
    const rig = await interruption.race(Rig.start(host, rigOptions, tools))
    isConnected = true
    const { spoolFile, segment } = options
    const context = { host, folder, spoolFile, segment }
    const record = await runStorm(context, rig, { storm, startedAt, command, interruption })
    return conclude(folder, record, options)
  } catch (error) {
    progress.fail()
    if (error instanceof Interruption.InterruptedError) return giveUp(host, folder)
    const isBeforeAll = error instanceof UsageError || host.supervisor.list().length === 0
    if (!isBeforeAll) return breakOff(host, error)
    const isMistake =
      error instanceof BallotstormError && error.exitCode === ExitCode.BAD_CONFIGURATION
    isRefused = error instanceof UsageError || (isMistake && !isConnected)
    throw error
  } finally {
    progress.step('everything stopped')
    await host.close()
    progress.done()
    interruption.close()
    // Where nothing was fired for a mistake of the user's, there is nothing to keep.
    if (isRefused) rmSync(folder.path, { recursive: true, force: true })
  }
}

/** The design's own chain, or none; on the network that the user names, else on the scenario's. */
function rigOptionsOf(options: RunOptions.RunOptions, storm: Storm.Storm): RigOptions {
  const hasChain = options.design.contracts !== 'none'
  return { ...options, network: hasChain ? (options.network ?? storm.network) : undefined }
}

function choose(
  scenario: string,
  storm: Storm.Storm | undefined,
  options: RunOptions.RunOptions,
): Storm.Storm {
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
function conclude(
  folder: RunFolder.RunFolder,
  record: Run,
  options: Pick<RunOptions.RunOptions, 'json'>,
): number {
  writeFileSync(folder.recordFile, `${JSON.stringify(record, undefined, 2)}\n`)
  writeReport({ run: record, file: folder.reportFile })
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

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Run } from '../../metrics/Run.ts'
import * as Host from '../../scripts/rig/Host.ts'
import { resolveTools } from '../../scripts/rig/resolveTools.ts'
import * as Rig from '../../scripts/rig/Rig.ts'
import * as RunFolder from '../../scripts/run/RunFolder.ts'
import * as RunOptions from '../../scripts/run/RunOptions.ts'
import { runStorm } from '../../scripts/run/runStorm.ts'
import { SILENT } from '../../scripts/Progress.ts'
import { uninterrupted } from './quiet.ts'

export type Options = {
  design: string
  /** As `--duration` takes it. */
  duration: string
  /** Processes in place of the run's own, by name: paths from the project's root. */
  mains?: Record<string, string> | undefined
  /** Works beside the run, as soon as it starts. */
  meanwhile?: ((underWay: UnderWay) => Promise<void>) | undefined
}

/** What of a run that is under way can be got at. */
export type UnderWay = {
  folder: RunFolder.RunFolder
  /** What a process was started with; undefined as long as it was not. */
  configOf(name: string): Readonly<Record<string, unknown>> | undefined
}

/** What a run left. */
export type Rehearsed = {
  run: Run
  /** The lines of JSON in the log of a process. */
  told(name: string): unknown[]
}

/**
 * The run of `smoke` on anvil as the command line does it, but in this process, so that parts of it
 * can be put in other places. Leaves no process and no file.
 */
export async function rehearse(options: Options): Promise<Rehearsed> {
  const { design, duration, mains = {}, meanwhile } = options
  const out = mkdtempSync(join(tmpdir(), 'ballotstorm-rehearsal-'))
  const { options: runOptions, storm } = RunOptions.ofScenario('smoke', { design, duration, out })
  const startedAt = new Date()
  const folder = RunFolder.create(out, storm.name, startedAt)
  const host = Host.create({ folder: folder.path, progress: SILENT, substitutes: mains })
  try {
    const tools = await resolveTools(runOptions.network)
    const configOf = (name: string): ReturnType<UnderWay['configOf']> => {
      const file = join(folder.configFolder, `${name}.json`)
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
    }
    const fire = async (): Promise<Run> =>
      runStorm(
        { host, folder, spoolFile: undefined, segment: undefined },
        await Rig.start(host, runOptions, tools),
        {
          storm,
          startedAt,
          command: 'rehearsal',
          interruption: uninterrupted(),
        },
      )
    const [run] = await Promise.all([fire(), meanwhile?.({ folder, configOf })])
    const lines = readLines(folder.logFolder)
    return { run, told: (name) => lines.get(`${name}.log`) ?? [] }
  } finally {
    await host.close()
    rmSync(out, { recursive: true, force: true })
  }
}

function readLines(logFolder: string): Map<string, unknown[]> {
  return new Map(
    readdirSync(logFolder).map((name) => {
      const lines = readFileSync(join(logFolder, name), 'utf8').split('\n')
      const told = lines.filter((line) => line.startsWith('{"lie"'))
      return [name, told.map((line): unknown => JSON.parse(line))]
    }),
  )
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Run } from '../../metrics/Run.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { smoke } from '../../scenarios/storms/smoke/storm.ts'
import { execute } from '../../scripts/run/execute.ts'
import type { Interruption } from '../../scripts/run/Interruption.ts'
import * as RunFolder from '../../scripts/run/RunFolder.ts'
import * as RunOptions from '../../scripts/run/RunOptions.ts'
import * as Workshop from '../../scripts/run/Workshop.ts'

export type Options = {
  design: string
  /** As `--duration` takes it. */
  duration: string
  /** Processes in place of the run's own, by name: paths from the project's root. */
  mains?: Record<string, string> | undefined
  /** Works beside the run, as soon as it starts. */
  meanwhile?: ((rig: Rig) => Promise<void>) | undefined
}

/** What of a run that is under way can be got at. */
export type Rig = {
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
  const flags = { ...RunOptions.DEFAULTS, design, duration, out, json: true, keepData: false }
  const runOptions = RunOptions.parse(flags)
  const startedAt = new Date()
  const folder = RunFolder.create(out, smoke.name, startedAt)
  const workshop = Workshop.create(runOptions, folder, SILENT)
  const configs = new Map<string, Record<string, unknown>>()
  const cast: Workshop.Workshop = {
    ...workshop,
    startOwn(name, main, config, ...more) {
      configs.set(name, config)
      return workshop.startOwn(name, mains[name] ?? main, config, ...more)
    },
  }
  try {
    const storm = Storm.override(smoke, runOptions)
    const interruption = uninterrupted()
    const running = execute(cast, { storm, startedAt, command: 'rehearsal', interruption })
    const beside = meanwhile?.({ folder, configOf: (name) => configs.get(name) })
    const [run] = await Promise.all([running, beside])
    const lines = readLines(folder.logFolder)
    return { run, told: (name) => lines.get(`${name}.log`) ?? [] }
  } finally {
    await workshop.close()
    rmSync(out, { recursive: true, force: true })
  }
}

const SILENT: Workshop.Workshop['progress'] = {
  step: () => undefined,
  update: () => undefined,
  note: () => undefined,
  done: () => undefined,
}

function uninterrupted(): Interruption {
  const { signal } = new AbortController()
  return { signal, race: (work) => work, close: () => undefined }
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

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import * as Comparison from '../../metrics/Comparison.ts'
import type { Run } from '../../metrics/Run.ts'
import { entryOf, isConclusive } from '../../metrics/verdict/comparisonEntry.ts'
import { comparisonSummary } from '../../reports/comparison/comparisonSummary.ts'
import { writeComparison } from '../../reports/comparison/writeComparison.ts'
import { writeOutputs } from '../../reports/outputs.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Arrivals from '../../scenarios/schedule/Arrivals.ts'
import { describe } from '../../scenarios/schedule/Plan.ts'
import * as CompareOptions from '../compare/CompareOptions.ts'
import * as SharedNetwork from '../compare/SharedNetwork.ts'
import * as ExitCode from '../ExitCode.ts'
import { exitCodeOfComparison } from '../exitCodeOf.ts'
import * as Progress from '../Progress.ts'
import { commit } from '../run/commit.ts'
import * as Disk from '../run/Disk.ts'
import * as Host from '../rig/Host.ts'
import { resolveTools } from '../rig/resolveTools.ts'
import * as Rig from '../rig/Rig.ts'
import * as Interruption from '../run/Interruption.ts'
import * as RunFolder from '../run/RunFolder.ts'
import { runStorm } from '../run/runStorm.ts'
import { UsageError } from '../UsageError.ts'

/** What every phase works with. */
type Site = {
  options: CompareOptions.CompareOptions
  /** What repeats the comparison; no phase stands alone. */
  command: string
  folder: string
  progress: Progress.Progress
  network: SharedNetwork.SharedNetwork
  /** Set by the user's first Ctrl-C: what has not begun is left. */
  isInterrupted: boolean
}

const PHASES = ['plan', 'saturation'] as const

/**
 * `compare-designs`: each design under the same plan and then under more than it carries, one after
 * the other; writes comparison.json and comparison.html beside the runs' own folders.
 *
 * @returns the exit code.
 */
export async function compareDesigns(flags: CompareOptions.Flags): Promise<number> {
  const options = CompareOptions.parse(flags)
  const startedAt = new Date()
  const progress = Progress.create(process.stderr, () => performance.now())
  Disk.assertRoom(options.outFolder, { ballots: greatest(options), voters: options.voters })
  const { path: folder } = RunFolder.name(options.outFolder, 'designs', startedAt)
  mkdirSync(folder, { recursive: true })
  const command = CompareOptions.command(flags)
  const network = SharedNetwork.create(folder, progress)
  const site: Site = { options, command, folder, progress, network, isInterrupted: false }
  const about = aboutOf(options, { startedAt, command })
  const entries = new Map<CompareOptions.Pairing, Comparison.Entry>()
  // After each, so that a long comparison that is broken off has not been for nothing.
  const writeSoFar = (): Comparison.Comparison =>
    write(folder, {
      ...about,
      entries: options.pairings.flatMap((pairing) => entries.get(pairing) ?? []),
    })
  let comparison = writeSoFar()
  try {
    for (const [index, pairing] of byNetwork(site).entries()) {
      if (site.isInterrupted) break
      progress.note(`${index + 1} of ${options.pairings.length}: ${nameOf(pairing)}`)
      entries.set(pairing, await runPairing(pairing, site))
      comparison = writeSoFar()
    }
  } finally {
    await network.close()
  }
  if (options.json) process.stdout.write(`${JSON.stringify(comparison)}\n`)
  else {
    process.stdout.write(`${comparisonSummary(comparison)}\nReport: ${join(folder, PAGE_FILE)}\n`)
  }
  return site.isInterrupted ? ExitCode.INTERRUPTED : exitCodeOfComparison(comparison)
}

/** Those of one network come together, in the order in which the networks are first named. */
function byNetwork({ options }: Pick<Site, 'options'>): CompareOptions.Pairing[] {
  const keys = options.pairings.map(({ rig }) => SharedNetwork.keyOf(rig))
  const first = [...new Set(keys)]
  return first.flatMap((key) => options.pairings.filter((_, index) => keys[index] === key))
}

const PAGE_FILE = 'comparison.html'

/** Data of a phase goes with it: the disk must hold the greatest, and the histories of all. */
function greatest({ pairings }: CompareOptions.CompareOptions): number {
  return Math.max(
    ...pairings.flatMap(({ plan, saturation }) =>
      [plan, saturation].map(({ arrivals }) => Arrivals.count(arrivals)),
    ),
  )
}

type About = Omit<Comparison.Comparison, 'entries' | 'finishedAt'>

function aboutOf(
  { seed, voters, ratePerS }: CompareOptions.CompareOptions,
  { startedAt, command }: { startedAt: Date; command: string },
): About {
  return {
    schema: Comparison.SCHEMA,
    seed,
    commit: commit(),
    startedAt: startedAt.toISOString(),
    command,
    voters,
    ratePerS,
    cores: availableParallelism(),
  }
}

function write(
  folder: string,
  known: Omit<Comparison.Comparison, 'finishedAt'>,
): Comparison.Comparison {
  const comparison = { ...known, finishedAt: new Date().toISOString() }
  const text = `${JSON.stringify(comparison, undefined, 2)}\n`
  writeFileSync(join(folder, 'comparison.json'), text)
  writeComparison(comparison, join(folder, PAGE_FILE))
  return comparison
}

/** Both phases of a design; one that breaks off leaves a note in its place. */
async function runPairing(pairing: CompareOptions.Pairing, site: Site): Promise<Comparison.Entry> {
  const notes: string[] = []
  const runs: { plan: Run | undefined; saturation: Run | undefined } = {
    plan: undefined,
    saturation: undefined,
  }
  for (const phase of PHASES) {
    if (site.isInterrupted) break
    if (phase === 'saturation' && (runs.plan?.findings.count ?? 0) > 0) {
      notes.push(NOT_FIRED)
      site.progress.note(NOT_FIRED)
      break
    }
    try {
      runs[phase] = await runPhase(pairing, phase, site)
      if (phase === 'saturation') await fireSlower(pairing, runs, { notes, site })
    } catch (error) {
      if (error instanceof UsageError) throw error
      if (error instanceof Interruption.InterruptedError) site.isInterrupted = true
      const reason = error instanceof Error ? error.message : String(error)
      notes.push(`The phase "${phase}" broke off: ${reason}`)
      site.progress.note(explanationOf(error))
    }
  }
  return entryOf(pairing.rig, { ...runs, notes })
}

/** What a system carries that loses or alters ballots is no capacity, and losses are waited for long. */
const NOT_FIRED = 'The overload was not fired: the books of the plan do not balance.'

/** Of the rate that really left: so much of it the generator surely sends. */
const SLOWER = 0.7

/**
 * An overload that the generator could not send says nothing of the design: fired once more, at less
 * than really left. Where that is bound too, the design has no capacity.
 */
async function fireSlower(
  pairing: CompareOptions.Pairing,
  runs: { saturation: Run | undefined },
  { notes, site }: { notes: string[]; site: Site },
): Promise<void> {
  const first = runs.saturation
  if (first === undefined || first.interrupted || first.findings.count > 0) return
  if (isConclusive(first)) return
  const ratePerS = Math.max(1, Math.floor(first.rates.offeredPerS * SLOWER))
  const { attempted, planned } = first.counts
  const note = `Of the overload only ${attempted} of ${planned} ballots left the generator, or the run is not to be believed (${first.validity.value}); it was fired once more at ${ratePerS}/s.`
  notes.push(note)
  site.progress.note(note)
  const stage = { ratePerS, durationMs: first.load.stormMs }
  const saturation = {
    ...pairing.saturation,
    arrivals: { kind: 'stages' as const, stages: [stage] },
  }
  runs.saturation = await runPhase({ ...pairing, saturation }, 'saturation', site)
}

function nameOf({ rig: { design, network } }: CompareOptions.Pairing): string {
  return `${design.name} on ${network ?? 'no network'}`
}

/** One run in a folder of its own, with the record and the report of any run. */
async function runPhase(
  pairing: CompareOptions.Pairing,
  phase: (typeof PHASES)[number],
  site: Site,
): Promise<Run> {
  const { design, network } = pairing.rig
  const { progress } = site
  const startedAt = new Date()
  const words = [design.name, network ?? 'alone', phase]
  const runFolder = RunFolder.create(site.folder, words.join('-'), startedAt)
  const host = Host.create({ folder: runFolder.path, progress })
  const interruption = Interruption.listen(() => {
    site.network.killAll()
    host.killAll()
  })
  progress.note(`phase "${phase}": ${describe(pairing[phase])}`)
  try {
    const tools = await interruption.race(resolveTools(network))
    const stage = await interruption.race(site.network.use(pairing.rig, tools))
    const rig = await interruption.race(Rig.start(host, pairing.rig, tools, stage))
    const context = { host, folder: runFolder, spoolFile: undefined, segment: undefined }
    const run = await runStorm(context, rig, {
      storm: pairing[phase],
      startedAt,
      command: site.command,
      interruption,
      drain: phase === 'saturation' ? 'until empty' : 'until sealed',
    })
    writeFileSync(runFolder.recordFile, `${JSON.stringify(run, undefined, 2)}\n`)
    writeOutputs(run, runFolder.path)
    site.isInterrupted ||= run.interrupted
    await site.network.note(run)
    return run
  } finally {
    await host.close()
    progress.done()
    interruption.close()
  }
}

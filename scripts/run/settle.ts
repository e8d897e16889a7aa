import { reconcile, type Books, type Published } from '../../metrics/books/reconcile.ts'
import * as Run from '../../metrics/Run.ts'
import { classifyExits, cpuSOf } from '../../metrics/verdict/parts.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'
import { commit } from './commit.ts'
import type { Rig } from './buildRig.ts'
import type { Fired } from './fireStorm.ts'
import type { Gauges } from './Gauges.ts'
import { judge } from './judge.ts'
import { readPublished } from './readPublished.ts'
import { compare, readPrometheus } from './readPrometheus.ts'
import type { Workshop } from './Workshop.ts'

export type Evidence = {
  storm: Storm
  rig: Rig
  fired: Fired
  gauges: Gauges
  startedAt: Date
  interrupted: boolean
  /** What repeats the run. */
  command: string
}

/**
 * Stops the parts in the order in which they write, balances the books, and puts the run record
 * together. Of the system's own word only the contract's tally is asked, to be compared.
 */
export async function settle(workshop: Workshop, evidence: Evidence): Promise<Run.Run> {
  const { folder, progress, supervisor } = workshop
  const { rig, fired } = evidence
  progress.step('gauges and tallies')
  const gauged = await evidence.gauges.stop()
  const tallies = await readPublished(rig, fired)
  const scraped = await readPrometheus(rig, fired)
  progress.step('generator and witness stopped')
  for (const name of ['k6', 'feeder', 'resender', 'witness']) {
    if (supervisor.list().some((process) => process.name === name)) await supervisor.stop(name)
  }
  progress.step('books')
  const books = await reconcile({
    planFolder: folder.planFolder,
    historyFiles: {
      attempts: folder.attemptsFile,
      handedOver: folder.handedOverFile,
      resends: folder.resendsFile,
    },
    observationsFile: folder.observationsFile,
    findingsFile: folder.findingsFile,
    domain: {
      chainId: rig.installation.chainId,
      verifyingContract: rig.installation.verifyingContract,
    },
    polls: fired.polls,
    published: publishedOf(fired, tallies),
    database: rig.system.database && { postgresUrl: rig.system.database.readOnlyUrl },
    witness: workshop.options.design.witness,
    receiptSigner: rig.system.receiptSigner,
    startAtMs: fired.startAtMs,
    deadlineMs: fired.deadlineMs,
    interrupted: evidence.interrupted,
    hasGeneratorBrokenOff: evidence.interrupted || fired.generatorFault !== undefined,
  })
  progress.done()
  const { prometheus, notes, series } = compare(scraped, books, rig.plan.stormMs)
  return {
    ...about(workshop, evidence),
    polls: pollsOf(fired, books, tallies),
    counts: books.counts,
    rates: books.rates,
    latencyMs: books.latencyMs,
    generator: { lateMs: books.lateMs, cpuS: cpuSOf(gauged.machine.cpuSByProcess, 'generator') },
    blocks: books.blocks,
    machine: gauged.machine,
    database: describeDatabase(rig, gauged.walSyncs),
    prometheus,
    ...judge(evidence.storm, {
      books,
      machine: gauged.machine,
      walSyncs: rig.system.database === undefined ? null : (gauged.walSyncs ?? 'unknown'),
      counterDeviation: prometheus?.counterDeviationMax ?? null,
      ...exitsOf(workshop, fired),
      interrupted: evidence.interrupted,
    }),
    notes: [
      ...rig.tools.notes,
      ...enrolledNote(rig),
      ...tornNote(books),
      ...notes,
      ...tallyNotes(fired, tallies),
    ],
    series: [...books.series, ...series],
  }
}

type About = Pick<
  Run.Run,
  | 'schema'
  | 'id'
  | 'seed'
  | 'commit'
  | 'scenario'
  | 'design'
  | 'witness'
  | 'startedAt'
  | 'finishedAt'
  | 'interrupted'
  | 'command'
  | 'load'
  | 'network'
  | 'electorate'
  | 'tools'
>

/** What was known before the first ballot flew. */
function about({ folder, options }: Workshop, evidence: Evidence): About {
  const { storm, rig, fired, startedAt, interrupted, command } = evidence
  const { plan } = rig
  return {
    schema: Run.SCHEMA,
    id: folder.id,
    seed: options.seed,
    commit: commit(),
    scenario: storm.name,
    design: options.design.name,
    witness: options.design.witness,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    interrupted,
    command,
    load: {
      description: rig.load,
      path: plan.path,
      stormMs: plan.stormMs,
      startAtMs: fired.startAtMs,
      drainMs: Math.max(0, fired.deadlineMs - fired.startAtMs - plan.stormMs),
    },
    network: describeNetwork(rig),
    electorate: { size: plan.electorate.size },
    tools: describeTools(rig),
  }
}

function describeTools({ tools: { k6, goquorum, geth, prometheus } }: Rig): Run.Run['tools'] {
  return Object.entries({ k6, goquorum, geth, prometheus }).flatMap(([name, tool]) =>
    tool === undefined ? [] : [{ name, version: tool.version, source: tool.source }],
  )
}

function describeNetwork({ network }: Rig): Run.Run['network'] {
  if (network === undefined) return null
  const { kind, chainId, genesisHash, clientVersion, blockTimeMs, gasLimit, finality } = network
  const validators = network.validators.length
  return { kind, validators, chainId, genesisHash, clientVersion, blockTimeMs, gasLimit, finality }
}

/** A slice of a city must not look like the city. */
function enrolledNote({ plan: { day } }: Rig): string[] {
  if (day?.enrolled === undefined) return []
  const [voters, of] = [day.enrolled.voters, day.enrolled.of].map((count) =>
    count.toLocaleString('en-US'),
  )
  return [
    `Only ${voters} of the ${of} voters of ${day.city} were enrolled: rates, latencies and sizes are those of this slice, not of the city.`,
  ]
}

/** Polls named one by one in the notes; more are counted. */
const UNREAD_NAMED_MAX = 10

/** What was not compared must not look as if it had agreed. */
function tallyNotes(fired: Fired, tallies: readonly (number[] | null)[]): string[] {
  if (!fired.isSealed) {
    return [
      'No final block past the sealing was seen, so no published result was held against the recount.',
    ]
  }
  const unread = fired.polls.filter((_, index) => (tallies[index] ?? null) === null)
  const named = unread
    .slice(0, UNREAD_NAMED_MAX)
    .map(
      ({ pollId }) =>
        `The published result of poll ${pollId} could not be read, so it was not held against the recount.`,
    )
  const more = unread.length - named.length
  return more === 0 ? named : [...named, `The same holds for ${more} more polls.`]
}

/** What is held against the recount. Before the sealing both may still move: nothing is made of it. */
function publishedOf(fired: Fired, tallies: readonly (number[] | null)[]): Published[] {
  if (!fired.isSealed) return []
  return fired.polls.flatMap(({ pollId }, index) => {
    const votes = tallies[index] ?? null
    return votes === null ? [] : [{ pollId, votes }]
  })
}

/** Tally beside recount. */
function pollsOf(
  fired: Fired,
  books: Books,
  tallies: readonly (number[] | null)[],
): Run.Run['polls'] {
  return fired.polls.map(({ pollId, question, options }, index) => {
    const votes = votesOf(books, pollId)
    const recount = options.map((_, choice) => votes[choice] ?? 0)
    return { pollId, question, options, tally: tallies[index] ?? null, recount }
  })
}

function votesOf({ recount }: Books, pollId: number): readonly number[] {
  return recount.find((poll) => poll.pollId === pollId)?.votes ?? []
}

function tornNote({ tornLineCount }: Books): string[] {
  if (tornLineCount === 0) return []
  return [`${tornLineCount} file(s) ended in a torn line, as a killed writer leaves it.`]
}

function exitsOf(
  { deaths }: Workshop,
  { generatorFault }: Fired,
): ReturnType<typeof classifyExits> {
  const fault = generatorFault === undefined ? [] : [{ name: 'k6', text: generatorFault }]
  return classifyExits([...deaths, ...fault])
}

function describeDatabase({ system }: Rig, walSyncs: number | undefined): Run.Run['database'] {
  if (system.database === undefined) return null
  const { version, settings, storage } = system.database
  return {
    version,
    ...settings,
    walSyncs: walSyncs ?? null,
    filesystem: storage?.filesystem ?? 'unknown',
    fsyncMsP50: storage?.fsyncMsP50 ?? null,
  }
}

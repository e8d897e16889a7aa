import { reconcile, type Books, type Published } from '../../metrics/books/reconcile.ts'
import * as Run from '../../metrics/Run.ts'
import * as SignedIn from '../../metrics/contracts/signedIn.ts'
import * as Rpc from '../../metrics/rpc/Rpc.ts'
import { trust } from '../../metrics/verdict/trust.ts'
import { judge } from '../../metrics/verdict/judge.ts'
import { classifyExits, cpuSOf } from '../../metrics/verdict/parts.ts'
import { attacks } from '../../scenarios/attacks/attacks.ts'
import * as AttackReport from '../../scenarios/attacks/Report.ts'
import * as ProbeReport from '../../scenarios/load/probe/Report.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'
import type { Rig, Stand } from '../rig/Rig.ts'
import type { System } from '../rig/startSystem.ts'
import { commit } from './commit.ts'
import type { Fired } from './fireStorm.ts'
import { readPublished } from './readPublished.ts'
import { compare, readPrometheus } from './readPrometheus.ts'
import type { ResourceSampler } from './ResourceSampler.ts'
import type { RunContext } from './RunContext.ts'
import type { RunFolder } from './RunFolder.ts'
import type { Scene } from './Scene.ts'

export type Evidence = {
  storm: Storm
  scene: Scene
  fired: Fired
  sampler: ResourceSampler
  startedAt: Date
  interrupted: boolean
  /** What was done to parts on purpose. */
  faultNotes: string[]
  /** What repeats the run. */
  command: string
}

/**
 * Stops the parts in the order in which they write, balances the books, and puts the run record
 * together. Of the system's own word only the contract's tally is asked, to be compared.
 */
export async function recordRun(context: RunContext, evidence: Evidence): Promise<Run.Run> {
  const { host, folder } = context
  const { progress, supervisor } = host
  const { scene, fired } = evidence
  const { ready, plan } = scene
  const { system } = ready.stand
  progress.step('resources and tallies')
  const sampled = await evidence.sampler.stop()
  const tallies = await readPublished(ready.stand, fired)
  const scraped = await readPrometheus(scene.observers.prometheus, fired)
  progress.step('generator and observers stopped')
  for (const name of ['attacker', 'k6', 'probe', 'feeder', 'resender', 'witness', 'prometheus']) {
    if (supervisor.list().some((process) => process.name === name)) await supervisor.stop(name)
  }
  progress.step('books')
  const books = await balance(folder, evidence, tallies)
  progress.done()
  const { prometheus, notes, series } = compare(scraped, books, plan.stormMs)
  return {
    ...about(context, evidence),
    polls: pollsOf(fired, books, tallies),
    counts: books.counts,
    refusals: books.refusals,
    rates: books.rates,
    latencyMs: books.latencyMs,
    generator: { lateMs: books.lateMs, cpuS: cpuSOf(sampled.machine.cpuSByProcess, 'generator') },
    blocks: books.blocks,
    machine: sampled.machine,
    sources: books.sources ?? null,
    signedTwice: books.signedTwice,
    database: describeDatabase(system, sampled.walSyncs),
    prometheus,
    ...judge({
      limits: evidence.storm.objectives,
      books,
      machine: sampled.machine,
      walSyncs: system.database === undefined ? null : (sampled.walSyncs ?? 'unknown'),
      counterDeviation: prometheus?.counterDeviationMax ?? null,
      probe: ProbeReport.read(folder.probeReportFile),
      ...exitsOf(context, evidence),
      interrupted: evidence.interrupted,
    }),
    notes: [
      ...evidence.faultNotes,
      ...attackNote(context),
      ...ready.rig.tools.notes,
      ...enrolledNote(plan),
      ...(books.sources === undefined ? [] : trust(books.sources)),
      ...signedTwiceNote(books),
      ...tornNote(books),
      ...notes,
      ...tallyNotes(fired, tallies),
    ],
    series: [...books.series, ...series],
  }
}

/** Holds what the voters were told against where their ballots count. */
function balance(
  folder: RunFolder,
  evidence: Evidence,
  tallies: readonly (number[] | null)[],
): Promise<Books> {
  const { scene, fired } = evidence
  const { rig, stand } = scene.ready
  const { deployment, system, stormCount } = stand
  return reconcile({
    planFolder: folder.planFolder,
    historyFiles: {
      attempts: folder.attemptsFile,
      ...(scene.observers.probe !== undefined && { probeAttempts: folder.probeAttemptsFile }),
      handedOver: folder.handedOverFile,
      ...(scene.observers.resender !== undefined && { resends: folder.resendsFile }),
    },
    observationsFile: folder.observationsFile,
    findingsFile: folder.findingsFile,
    domain: {
      chainId: deployment.chainId,
      verifyingContract: deployment.verifyingContract,
    },
    polls: fired.polls,
    published: publishedOf(fired, tallies),
    database: system.database && {
      postgresUrl: system.database.readOnlyUrl,
      // Rows of earlier storms are not this one's; on a new system every row is.
      ...(stormCount > 1 && { pollIdMin: Math.min(...fired.polls.map(({ pollId }) => pollId)) }),
    },
    signedIn: signedInOf(scene, fired),
    witness: rig.options.design.witness,
    receiptSigner: system.receiptSigner,
    startAtMs: fired.startAtMs,
    deadlineMs: fired.deadlineMs,
    interrupted: evidence.interrupted,
    hasGeneratorBrokenOff: evidence.interrupted || fired.generatorFault !== undefined,
  })
}

/** Asks the nodes that the witness read: a transaction's name says what is in it. */
function signedInOf(
  { ready: { rig, stand } }: Scene,
  { polls }: Fired,
): SignedIn.SignedIn | undefined {
  const { target, chainId, verifyingContract } = stand.deployment
  if (target === undefined || rig.network === undefined) return undefined
  const { observerUrl, rpcUrls } = rig.network.network
  return SignedIn.create({
    nodes: [observerUrl, ...rpcUrls].map((url) => Rpc.connect(url)),
    kind: target.kind,
    domain: { chainId, verifyingContract },
    polls,
  })
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
  | 'deployment'
  | 'electorate'
  | 'tools'
>

/** What was known before the first ballot flew. */
function about({ folder }: RunContext, evidence: Evidence): About {
  const { storm, scene, fired, startedAt, interrupted, command } = evidence
  const { plan, ready } = scene
  const { options } = ready.rig
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
      description: Plan.describe(plan),
      path: plan.path,
      stormMs: plan.stormMs,
      startAtMs: fired.startAtMs,
      drainMs: Math.max(0, fired.deadlineMs - fired.startAtMs - plan.stormMs),
    },
    network: describeNetwork(ready.rig),
    deployment: describeDeployment(ready.stand),
    electorate: { size: plan.electorate.size },
    tools: describeTools(ready.rig),
  }
}

function describeTools({ tools: { k6, nodes, prometheus } }: Rig): Run.Run['tools'] {
  const ofNodes = nodes && { [nodes.name]: nodes }
  return Object.entries({ k6, ...ofNodes, prometheus }).flatMap(([name, tool]) =>
    tool === undefined ? [] : [{ name, version: tool.version, source: tool.source }],
  )
}

function describeNetwork({ network: stage }: Rig): Run.Run['network'] {
  if (stage === undefined) return null
  const { network } = stage
  const { kind, chainId, genesisHash, clientVersion, blockTimeMs, gasLimit, finality } = network
  const validators = network.validators?.length ?? null
  return { kind, validators, chainId, genesisHash, clientVersion, blockTimeMs, gasLimit, finality }
}

function describeDeployment({ deployment, system }: Stand): Run.Run['deployment'] {
  const { target, verifyingContract: contract, fromBlock } = deployment
  if (target === undefined) return null
  return { contract, fromBlock, receiptSigner: system.receiptSigner ?? null }
}

/** Who meant ill, and how it was answered. */
function attackNote({ attack, folder }: RunContext): string[] {
  if (attack === undefined) return []
  const report = AttackReport.read(folder.attackReportFile)
  const answers = report === undefined ? 'nobody knows' : AttackReport.describe(report)
  return [`Attacked by ${attack}, who ${attacks[attack]?.description}. Answers: ${answers}.`]
}

/** A slice of a city must not look like the city. */
function enrolledNote({ arrivals }: Scene['plan']): string[] {
  if (arrivals.kind !== 'day' || arrivals.enrolled === undefined) return []
  const [voters, of] = [arrivals.enrolled.voters, arrivals.enrolled.of].map((count) =>
    count.toLocaleString('en-US'),
  )
  return [
    `Only ${voters} of the ${of} voters of ${arrivals.city} were enrolled: rates, latencies and sizes are those of this slice, not of the city.`,
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
    // Before the sealing both may still move: a tally of that time is none to be compared.
    const tally = fired.isSealed ? (tallies[index] ?? null) : null
    return { pollId, question, options, tally, recount }
  })
}

function votesOf({ recount }: Books, pollId: number): readonly number[] {
  return recount.find((poll) => poll.pollId === pollId)?.votes ?? []
}

/** Both signatures stand in the record. */
function signedTwiceNote({ signedTwice: { count, listed } }: Books): string[] {
  const [first] = listed
  if (first === undefined) return []
  return [
    `${count} voter(s) signed two choices, and the chain counts the other one. ${first.message}`,
  ]
}

function tornNote({ tornLineCount }: Books): string[] {
  if (tornLineCount === 0) return []
  return [`${tornLineCount} file(s) ended in a torn line, as a killed writer leaves it.`]
}

/** Of the rig and of what observed this storm, where that lives at a host of its own. */
function exitsOf(
  { host }: RunContext,
  { scene, fired: { generatorFault } }: Evidence,
): ReturnType<typeof classifyExits> {
  const { rig, exits } = scene.ready
  const own = host === rig.host ? [] : host.exits
  const fault = generatorFault === undefined ? [] : [{ name: 'k6', text: generatorFault }]
  return classifyExits([...exits(), ...own, ...fault])
}

function describeDatabase(system: System, walSyncs: number | undefined): Run.Run['database'] {
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

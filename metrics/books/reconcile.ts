import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { Domain } from '../../scenarios/ballots/Ballot.ts'
import type { Counts, Finding, Latency, Link, Run } from '../Run.ts'
import type * as Acknowledgement from './Acknowledgement.ts'
import { imbalances } from '../imbalances.ts'
import type * as Recorded from '../SignedTwice.ts'
import type { Sources } from '../Sources.ts'
import { SILENCE_MS_MAX } from '../verdict/limits.ts'
import * as FindingEvidence from './FindingEvidence.ts'
import * as Findings from './Findings.ts'
import * as History from './History.ts'
import * as Ledger from './Ledger.ts'
import * as Losses from './Losses.ts'
import { measure, type Measures } from './measure.ts'
import * as Percentiles from './Percentiles.ts'
import * as Problems from './Problems.ts'
import { recount, type Recount } from './Recount.ts'
import * as CanonicalChain from './CanonicalChain.ts'
import * as SignedTwice from './SignedTwice.ts'
import * as Stored from './Stored.ts'
import * as Tally from './Tally.ts'

export type Published = { pollId: number; votes: readonly number[] }

export type Options = {
  planFolder: string
  historyFiles: History.Files
  /** What the witness wrote. */
  observationsFile: string
  /** All findings go here, one a line; written anew. */
  findingsFile: string
  domain: Domain
  polls: readonly Acknowledgement.PollOnChain[]
  /** Results as the system publishes them, of sealed polls only. @default none is compared */
  published?: readonly Published[] | undefined
  /** Where the system has a database: says on which link a ballot's way broke. */
  database?: Stored.Source | undefined
  /**
   * What shows that a voter signed the ballot that a transaction counts; is asked where it is not
   * the planned one. @default nothing does
   */
  signedIn?:
    | ((
        transaction: string,
        ballot: { pollId: number; voterIndex: number; choice: number; voter: Uint8Array },
      ) => Promise<string | undefined>)
    | undefined
  /** Whose word `final` is. @default 'chain' */
  witness?: Run['witness'] | undefined
  /** Address that signs the API's receipts, lower-case hex; needed on the path `relayed`. */
  receiptSigner?: string | undefined
  /** Unix ms of the storm's first instant, as the feeder was told. */
  startAtMs: number
  /** Unix ms at which the drain ended: until then a ballot had time to become final. */
  deadlineMs: number
  /** The run was broken off: what is missing at the deadline is not held against anybody. */
  interrupted?: boolean | undefined
  /** k6 ended before it was done: an attempt may have gone unrecorded. @default `interrupted` */
  hasGeneratorBrokenOff?: boolean | undefined
}

export type Books = Measures & {
  counts: Counts
  /** How many ballots were refused for which reason, most first. */
  refusals: Run['refusals']
  findings: {
    total: number
    listed: Finding[]
    /** How many of all came to be on which link; absent where no database was asked. */
    byLink?: Record<Link, number> | undefined
  }
  signedTwice: Recorded.SignedTwice
  recount: Recount
  /** From the sending of a first attempt to its answer, of the probe's ballots. */
  probeAnswerMs: Latency
  /** Last lines that a killed writer left torn. */
  tornLineCount: number
  /** Whom the witness of a chain read. */
  sources: Sources | undefined
  /** What is wrong with the evidence itself; not empty makes the run INCONCLUSIVE. */
  problems: string[]
}

/**
 * Holds what the voters were told against what the chain counts, and where there is a database
 * against what that holds. Reads all of them as streams; at most 64 bytes of memory a ballot (see
 * `Ledger`), about 500 a block, and 50 MB a thread that checks receipts.
 *
 * @throws {PlannedBallots.MismatchError} where the plan's files are not of one piece.
 * @throws {PlannedBallots.DoubleVoterError} where the plan has one voter twice in a poll.
 * @throws {ImbalanceError} where the books themselves are wrong: a bug.
 */
export async function reconcile(options: Options): Promise<Books> {
  const { database, witness = 'chain', interrupted = false } = options
  const ledger = Ledger.open(options.planFolder, options.startAtMs)
  const problems = Problems.create()
  const stored = database && (await Stored.read(ledger, database, problems))
  const { planFolder, domain, polls, receiptSigner } = options
  const evidence = FindingEvidence.open({
    planFolder,
    domain,
    polls,
    ledger,
    attemptsFiles: History.attemptsFiles(options.historyFiles),
    stored,
    witness,
  })
  const reasons: string[] = []
  const complete = (finding: Finding): Finding => evidence.complete(finding)
  const findings = Findings.create(options.findingsFile, complete)
  const signedTwice = SignedTwice.create(complete)
  try {
    const history = await History.enter(
      {
        ledger,
        acknowledgement: { planFolder, domain, polls: polls.map(plainPoll), receiptSigner },
        findings,
        problems,
        reasons,
      },
      options.historyFiles,
      options.hasGeneratorBrokenOff ?? interrupted,
    )
    const held = { ledger, findings, signedTwice, evidence, problems }
    const { chain, votes } = await enterChain(held, options)
    const { blocks } = chain
    const unfinalised = Losses.countUnfinalised({
      ...options,
      ledger,
      blocks,
      findings,
      interrupted,
    })
    const counts = { ...count(ledger), ...unfinalised, ...countFound(findings) }
    const imbalance = imbalances(counts)
    if (imbalance.length > 0) throw new ImbalanceError(imbalance)
    const isLinked = stored !== undefined || witness === 'database'
    return {
      counts,
      refusals: countRefusals(ledger, reasons),
      findings: {
        total: findings.total(),
        listed: findings.listed(),
        ...(isLinked ? { byLink: findings.byLink() } : {}),
      },
      signedTwice: signedTwice.told(),
      recount: votes,
      tornLineCount: history.tornLineCount + chain.tornLineCount,
      problems: problems.list(),
      sources: chain.nodes && sourcesOf(chain.nodes),
      probeAnswerMs: Percentiles.summarise(history.probeAnswersMs, 0),
      ...measure(ledger, chain, options),
    }
  } finally {
    findings.close()
    evidence.close()
  }
}

type Held = {
  ledger: Ledger.Ledger
  findings: Findings.Findings
  signedTwice: SignedTwice.SignedTwice
  evidence: FindingEvidence.FindingEvidence
  problems: Problems.Problems
}

/** Enters what the witness saw, and what else does not fit it. */
async function enterChain(
  { evidence, ...books }: Held,
  options: Options,
): Promise<{ chain: CanonicalChain.CanonicalChain; votes: Recount }> {
  const { observationsFile, witness = 'chain', signedIn } = options
  const { findings, problems } = books
  const chain = await CanonicalChain.replay(observationsFile, problems)
  checkHearing(chain, options, problems)
  const votes = await recount({
    ...books,
    chain,
    observationsFile,
    witness,
    secondSignatureOf: async ({ ballot, transaction, ...cast }) =>
      signedIn?.(transaction, { ...cast, voter: evidence.voterOf(ballot) }),
  })
  comparePublished(options.published ?? [], votes, findings)
  for (const disagreement of chain.disagreements) findings.add(disagreeing(disagreement))
  for (const fault of chain.faults) enterFault(fault, findings, problems)
  return { chain, votes }
}

function comparePublished(
  published: readonly Published[],
  votes: Recount,
  findings: Findings.Findings,
): void {
  for (const { pollId, votes: tally } of published) {
    const counted = votes.find((poll) => poll.pollId === pollId)?.votes ?? []
    const mismatch = Tally.compare(pollId, tally, counted)
    if (mismatch !== undefined) findings.add(mismatch)
  }
}

/** What a witness has not heard of, nobody may be accused of. */
function checkHearing(
  chain: CanonicalChain.CanonicalChain,
  { startAtMs, deadlineMs }: Options,
  problems: Problems.Problems,
): void {
  if (deadlineMs <= startAtMs) return
  const silenceMs = CanonicalChain.silenceMsMax(chain, { fromMs: startAtMs, untilMs: deadlineMs })
  if (silenceMs <= SILENCE_MS_MAX) return
  problems.add('the witness heard nothing from its nodes', `for ${Math.round(silenceMs / 1000)} s`)
}

/** What may be handed to a thread, whatever else the caller's polls carry. */
function plainPoll({
  pollId,
  pollDigest,
  sealsAt,
}: Acknowledgement.PollOnChain): Acknowledgement.PollOnChain {
  return { pollId, pollDigest, sealsAt }
}

/** The reason of a ballot is that of its last refusal; of what was never answered there is none. */
function countRefusals(ledger: Ledger.Ledger, reasons: readonly string[]): Run['refusals'] {
  const counts = reasons.map((reason) => ({ reason, count: 0 }))
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    if (Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.refused) continue
    const counted = counts[Ledger.reasonOf(ledger, ballot) - 1]
    if (counted !== undefined) counted.count += 1
  }
  const refused = counts.filter((one) => one.count > 0)
  return refused.toSorted((left, right) => right.count - left.count)
}

type Found = 'duplicated' | 'altered' | 'unexpected' | 'finalityBroken' | 'invalidReceipt'

function countFound(findings: Findings.Findings): Pick<Counts, Found> {
  return {
    duplicated: findings.count('duplicated'),
    altered: findings.count('altered'),
    unexpected: findings.count('unexpected'),
    finalityBroken: findings.count('finalityBroken'),
    invalidReceipt: findings.count('invalidReceipt'),
  }
}

function count(ledger: Ledger.Ledger): Omit<Counts, Found | 'lost' | 'pending'> {
  const outcomes = [0, 0, 0, 0]
  let [unsent, included, final, resent, reorganised] = [0, 0, 0, 0, 0]
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const outcome = Ledger.outcome(ledger, ballot)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    const wasHanded = Ledger.has(ledger, ballot, Ledger.STATE.HANDED)
    if (!wasHanded && outcome === Ledger.OUTCOME.none) unsent += 1
    if (Ledger.has(ledger, ballot, Ledger.STATE.SEEN)) included += 1
    if (Ledger.has(ledger, ballot, Ledger.STATE.RESENT)) resent += 1
    if (Ledger.has(ledger, ballot, Ledger.STATE.REORGANISED)) reorganised += 1
    if (!Number.isNaN(ledger.finalityMs[ballot])) final += 1
  }
  const [none = 0, refused = 0, indeterminate = 0, acknowledged = 0] = outcomes
  const attempted = ledger.count - none
  const told = { planned: ledger.count, unsent, attempted, acknowledged, refused, indeterminate }
  return { ...told, included, final, resent, reorganised }
}

function disagreeing(seen: CanonicalChain.CanonicalChain['disagreements'][number]): Finding {
  const hashes = seen.hashes.flatMap(({ rpcUrl, hash }, index) => [
    [`node${index}`, rpcUrl],
    [`hash${index}`, hash],
  ])
  return {
    kind: 'nodesDisagree',
    message: `Two nodes call different blocks final at height ${seen.number}.`,
    evidence: { block: seen.number, seenAtMs: seen.atMs, ...Object.fromEntries(hashes) },
  }
}

/** A node that shows what does not hold is named; what nobody here can recompute accuses nobody. */
function enterFault(
  {
    number,
    hash,
    rpcUrl,
    faults,
    isCheckable,
    atMs,
  }: CanonicalChain.CanonicalChain['faults'][number],
  findings: Findings.Findings,
  problems: Problems.Problems,
): void {
  const why = faults.join('; ')
  if (!isCheckable) return problems.add('the witness could not check a block', `${number}: ${why}`)
  const node = new URL(rpcUrl).host
  findings.add({
    kind: 'brokenBlock',
    message: `Block ${number} as ${node} shows it does not hold: ${why}.`,
    evidence: { block: number, blockHash: hash, node, seenAtMs: atMs },
  })
}

function sourcesOf({
  nodes,
  seals,
  validators,
}: NonNullable<CanonicalChain.CanonicalChain['nodes']>): Sources {
  const named = nodes.map(({ rpcUrl, ...node }) => ({ name: new URL(rpcUrl).host, ...node }))
  return { nodes: named, seals, validatorCount: validators.length }
}

/** The counts of the books do not add up. */
export class ImbalanceError extends BallotstormError {
  override readonly name = 'reconcile.ImbalanceError'
  readonly code = 'BOOKS_IMBALANCE'
  readonly exitCode = 1
  readonly remedy = 'Report it as a bug of ballotstorm, with the run folder.'
  constructor(imbalance: readonly string[]) {
    super(`The books do not balance: ${imbalance.join('; ')}.`)
  }
}

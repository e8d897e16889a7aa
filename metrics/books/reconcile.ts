import type { Domain } from '../../scenarios/ballots/Ballot.ts'
import type { Counts, Finding } from '../Run.ts'
import * as Acknowledgement from './Acknowledgement.ts'
import { imbalances } from './Counts.ts'
import * as Findings from './Findings.ts'
import * as History from './History.ts'
import * as Ledger from './Ledger.ts'
import * as Losses from './Losses.ts'
import { measure, type Measures } from './measure.ts'
import * as Problems from './Problems.ts'
import { recount, type Recount } from './Recount.ts'
import * as StandingChain from './StandingChain.ts'

export type Options = {
  planFolder: string
  historyFiles: History.Files
  /** What the witness wrote. */
  observationsFile: string
  /** All findings go here, one a line; written anew. */
  findingsFile: string
  domain: Domain
  polls: readonly Acknowledgement.PollOnChain[]
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
  findings: { total: number; listed: Finding[] }
  recount: Recount
  /** Last lines that a killed writer left torn. */
  tornLineCount: number
  /** What is wrong with the evidence itself; not empty makes the run INCONCLUSIVE. */
  problems: string[]
}

/**
 * Holds what the voters were told against what the chain counts. Reads the files line by line; at
 * most 63 bytes of memory a ballot (see `Ledger`) and about 500 a block.
 *
 * @throws {PlanMismatchError} where the plan's files are not of one piece.
 * @throws {DoubleVoterError} where the plan has one voter twice in a poll.
 * @throws {ImbalanceError} where the books themselves are wrong: a bug.
 */
export async function reconcile(options: Options): Promise<Books> {
  const ledger = Ledger.open(options.planFolder, options.startAtMs)
  const problems = Problems.create()
  const findings = Findings.create(options.findingsFile)
  const checker = Acknowledgement.createChecker({ receiptSigner: undefined, ...options })
  try {
    const history = await History.enter(
      { ledger, checker, findings, problems },
      options.historyFiles,
      options.hasGeneratorBrokenOff ?? options.interrupted ?? false,
    )
    const chain = await StandingChain.replay(options.observationsFile, problems)
    const { observationsFile } = options
    const votes = await recount({ ledger, chain, observationsFile, findings, problems })
    for (const disagreement of chain.disagreements) findings.add(disagreeing(disagreement))
    const { interrupted = false } = options
    const attemptsFile = options.historyFiles.attempts
    const { blocks } = chain
    const settled = await Losses.settle({
      ...options,
      ledger,
      blocks,
      findings,
      interrupted,
      attemptsFile,
    })
    const counts = { ...count(ledger), ...settled, ...countFound(findings) }
    const imbalance = imbalances(counts)
    if (imbalance.length > 0) throw new ImbalanceError(imbalance)
    return {
      counts,
      findings: { total: findings.total(), listed: findings.listed() },
      recount: votes,
      tornLineCount: history.tornLineCount + chain.tornLineCount,
      problems: problems.list(),
      ...measure(ledger, chain, options),
    }
  } finally {
    findings.close()
    checker.close()
  }
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
  let [unsent, included, final, resent] = [0, 0, 0, 0]
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const outcome = Ledger.outcome(ledger, ballot)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    const wasHanded = Ledger.has(ledger, ballot, Ledger.STATE.HANDED)
    if (!wasHanded && outcome === Ledger.OUTCOME.none) unsent += 1
    if (Ledger.has(ledger, ballot, Ledger.STATE.SEEN)) included += 1
    if (Ledger.has(ledger, ballot, Ledger.STATE.RESENT)) resent += 1
    if (!Number.isNaN(ledger.finalityMs[ballot])) final += 1
  }
  const [none = 0, fail = 0, info = 0, ok = 0] = outcomes
  const attempted = ledger.count - none
  return { planned: ledger.count, unsent, attempted, ok, fail, info, included, final, resent }
}

function disagreeing(seen: StandingChain.StandingChain['disagreements'][number]): Finding {
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

export class ImbalanceError extends Error {
  override readonly name = 'reconcile.ImbalanceError'
  readonly code = 'BOOKS_IMBALANCE'
  constructor(imbalance: readonly string[]) {
    super(`The books do not balance, which is a bug of the books: ${imbalance.join('; ')}.`)
  }
}

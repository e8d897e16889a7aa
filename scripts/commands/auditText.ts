import type { Audit, PollResult } from '../../metrics/audit/audit.ts'
import { MEANINGS } from '../../metrics/audit/Finding.ts'

/** Findings that a person reads; the rest is in the JSON. */
const FINDINGS_SHOWN_MAX = 20
const POLLS_SHOWN_MAX = 20

/** What an audit says, for people. */
export function auditText(audit: Audit, tookMs: number): string {
  return `${[
    ...headOf(audit, tookMs),
    '',
    ...pollsOf(audit),
    ...receiptsOf(audit),
    ...nodesOf(audit),
    '',
    'Not checked:',
    ...audit.notChecked.map((sentence) => `  - ${sentence}`),
    '',
    ...findingsOf(audit),
  ].join('\n')}\n`
}

function headOf(audit: Audit, tookMs: number): string[] {
  const { blocks, checks, consensus, validators } = audit
  const sealed =
    consensus === 'none'
      ? 'no seals'
      : `sealed by ${consensus}, ${validators.length} validators from the genesis block on`
  const perS = (checks.signatures / Math.max(1, tookMs)) * 1000
  return [
    `Contract   ${audit.contract} (${audit.design}), chain ${audit.chainId}`,
    `Genesis    ${audit.genesisHash}`,
    `Blocks     ${blocks.from} to ${blocks.to}, last ${blocks.toHash}, ${sealed}`,
    `Recomputed ${checks.blocks} headers with their transactions, ${checks.transactions} transactions with ballots, ${checks.signatures} signatures (${perS.toFixed(0)}/s), ${checks.samples} digests by ethers too`,
  ]
}

function pollsOf({ polls, design }: Audit): string[] {
  const lines = polls.slice(0, POLLS_SHOWN_MAX).flatMap((poll) => [
    `Poll ${poll.pollId}: ${poll.question} (${stateOf(poll)})`,
    ...poll.options.map((option, index) => {
      const told = design === 'anchored' ? undefined : poll.tally?.[index]
      const contract = told === undefined ? '' : `, contract ${told}`
      return `  ${String(poll.recount[index] ?? 0).padStart(8)}  ${option}${contract}`
    }),
  ])
  const more = polls.length - POLLS_SHOWN_MAX
  return more > 0 ? [...lines, `… and ${more} polls more: see --json`] : lines
}

function stateOf({ sealsAt, isSealed, skippedCount }: PollResult): string {
  const skipped = skippedCount > 0 ? `, ${skippedCount} refused` : ''
  if (sealsAt === undefined) return `never sealed${skipped}`
  return `${isSealed ? 'sealed' : 'not sealed yet'}${skipped}`
}

function receiptsOf({ receipts, signedTwice: told }: Audit): string[] {
  if (receipts === undefined) return []
  const { count, kept, open, signedTwice, broken, invalid, unknown, problems } = receipts
  return [
    `Receipts: ${count}, kept ${kept}, open ${open}, broken ${broken}, invalid ${invalid}, not judged ${unknown}`,
    ...problems.map((problem) => `  ${problem}`),
    ...(signedTwice === 0
      ? []
      : [`Signed twice: ${signedTwice} voter(s), of whom another choice counts; no breach:`]),
    ...told.map(
      ({ file, pollId, voterIndex, promisedChoice, countedChoice, block, countedBy }) =>
        `  ${file}: voter ${voterIndex} in poll ${pollId} was promised choice ${promisedChoice} and signed ${countedChoice} too (block ${block}, by ${countedBy})`,
    ),
  ]
}

function nodesOf({ nodes }: Audit): string[] {
  return nodes.map(({ node, height, agreesTo }) => {
    if (height < 0) return `Node ${node} gave no answer.`
    return `Node ${node}: height ${height}, the same chain up to block ${agreesTo ?? 'none'}`
  })
}

function findingsOf({ findings, polls }: Audit): string[] {
  if (findings.count === 0) {
    return [
      polls.length === 0 ? 'Nothing to check: the contract has no polls.' : 'Everything agrees.',
    ]
  }
  const shown = findings.listed.slice(0, FINDINGS_SHOWN_MAX)
  const more = findings.count - shown.length
  return [
    `FINDINGS: ${findings.count}`,
    ...shown.flatMap(({ kind, message, evidence }) => [
      `  ${kind} (${MEANINGS[kind]})`,
      `    ${message}`,
      ...Object.entries(evidence).map(([name, value]) => `      ${name}: ${value}`),
    ]),
    ...(more > 0 ? [`  … and ${more} more: see --json`] : []),
  ]
}

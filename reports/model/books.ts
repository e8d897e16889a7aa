import type { Finding, Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { breachCount, breaches, nameOf } from './breaches.ts'

/** A sum that must come out, written with its numbers. */
export type Identity = {
  /** For example `planned = attempted + unsent`. */
  rule: string
  /** The same with numbers. */
  numbers: string
  balances: boolean
}

export type BooksLine = { name: string; meaning: string; count: string; bad: boolean }

export type ListedFinding = {
  kind: string
  /** Which ballot, poll and voter, as far as the finding knows them. */
  where: string
  message: string
  evidence: { name: string; value: string }[]
}

/** The history's outcomes held against the record of the witness. */
export type Books = {
  witness: string
  identities: Identity[]
  outcomes: BooksLine[]
  findings: BooksLine[]
  listed: ListedFinding[]
  /** Set where the record lists fewer findings than there are. */
  cut: string | undefined
}

/** The books of a run, with every sum worked out again from the record. */
export function books(run: Run): Books {
  const all = breachCount(run)
  const listed = run.findings.listed
  return {
    witness: WITNESSES[run.witness],
    identities: identities(run),
    outcomes: outcomes(run),
    findings: [
      ...breaches(run).map(({ name, meaning, count }) => ({
        name,
        meaning,
        count: Format.count(count),
        bad: count > 0,
      })),
      ...signedTwice(run),
    ],
    listed: listed.map(listedFinding),
    cut:
      listed.length < all
        ? `${Format.count(listed.length)} of ${Format.count(all)} findings are listed here; the run folder holds all of them.`
        : undefined,
  }
}

/** No breach, so never bad; not told where a record is older than the telling. */
function signedTwice({ signedTwice: told }: Run): BooksLine[] {
  if (told === undefined) return []
  const meaning =
    'The voter signed two choices, and the record holds another than the planned one: the voter’s own doing.'
  return [{ name: 'Signed twice', meaning, count: Format.count(told.count), bad: false }]
}

/** The sums that must come out in every run, interrupted ones too. */
export function identities({ counts }: Run): Identity[] {
  return [
    identity(['planned', 'attempted', 'unsent'], [counts.planned, counts.attempted, counts.unsent]),
    identity(
      ['attempted', 'acknowledged', 'refused', 'indeterminate'],
      [counts.attempted, counts.acknowledged, counts.refused, counts.indeterminate],
    ),
  ]
}

function identity(
  [sumName, ...partNames]: readonly string[],
  [sum = 0, ...parts]: readonly number[],
): Identity {
  return {
    rule: `${sumName} = ${partNames.join(' + ')}`,
    numbers: `${Format.count(sum)} = ${parts.map(Format.count).join(' + ')}`,
    balances: parts.reduce((total, part) => total + part, 0) === sum,
  }
}

const WITNESSES: Readonly<Record<Run['witness'], string>> = {
  chain: 'the chain, read by a witness that shares no code with the system under test',
  mirror: 'the mirror on chain that the service itself writes',
  database: 'the database, read with an account of its own: not independent of the operator',
}

function outcomes({ counts, refusals }: Run): BooksLine[] {
  return [
    outcome('Acknowledged', 'the voter was told that the ballot counts', counts.acknowledged),
    outcome('Refused', 'every attempt was definitely refused', counts.refused),
    ...refusals.map(({ reason, count }) =>
      outcome(`– ${reason}`, 'refused for this reason', count),
    ),
    outcome(
      'Indeterminate',
      'no definite answer: may count once, never twice',
      counts.indeterminate,
    ),
    outcome('Unsent', 'the generator could not send it in time', counts.unsent),
    outcome('Included', 'a block held it', counts.included),
    outcome('Final', 'it cannot vanish any more', counts.final),
    {
      ...outcome('Pending', 'acknowledged, at the end neither final nor lost', counts.pending),
      bad: counts.pending > 0,
    },
    outcome(
      'Reorganised',
      'was in a block that left the chain, and went back to pending, its clock running on',
      counts.reorganised ?? 0,
    ),
    outcome('Sent again', 'sent once more by the voters’ resender', counts.resent),
  ]
}

function outcome(name: string, meaning: string, value: number): BooksLine {
  return { name, meaning, count: Format.count(value), bad: false }
}

function listedFinding(finding: Finding): ListedFinding {
  const where = [
    finding.ballot === undefined ? [] : [`ballot ${finding.ballot}`],
    finding.pollId === undefined ? [] : [`poll ${finding.pollId}`],
    finding.voterIndex === undefined ? [] : [`voter ${finding.voterIndex}`],
  ].flat()
  return {
    kind: nameOf(finding.kind),
    where: [
      ...where,
      ...(finding.brokenBetween === undefined ? [] : [`between ${finding.brokenBetween}`]),
    ].join(' · '),
    message: finding.message,
    evidence: Object.entries(finding.evidence).map(([name, value]) => ({
      name,
      value: String(value),
    })),
  }
}

import { FINDING_KINDS, type FindingKind, type Run } from '../../metrics/Run.ts'

/** A kind of finding, what it means, and how often it was found. */
export type Breach = { kind: FindingKind; name: string; meaning: string; count: number }

const MEANINGS: Readonly<Record<FindingKind, { name: string; meaning: string }>> = {
  lost: {
    name: 'Lost',
    meaning: 'The voter was told that the ballot counts, and the sealed record does not hold it.',
  },
  duplicated: {
    name: 'Duplicated',
    meaning: 'The ballot is in the final record more than once.',
  },
  altered: {
    name: 'Altered',
    meaning: 'The final record holds another choice than the one the voter signed.',
  },
  unexpected: {
    name: 'Unexpected',
    meaning: 'A final ballot that nobody planned or sent, or that every answer had refused.',
  },
  finalityBroken: {
    name: 'Finality broken',
    meaning: 'The ballot was final by the rule of the network, and vanished.',
  },
  invalidReceipt: {
    name: 'Invalid receipt',
    meaning: 'The receipt that the voter got does not carry a valid signature for this ballot.',
  },
  tallyMismatch: {
    name: 'Tally mismatch',
    meaning: 'The tally of the contract differs from the recount of final ballots.',
  },
  nodesDisagree: {
    name: 'Nodes disagree',
    meaning: 'Two nodes call different blocks of one height final.',
  },
  brokenBlock: {
    name: 'Broken block',
    meaning: 'A node showed a block that does not hash to its name and contents, or lacks seals.',
  },
  contradiction: {
    name: 'Contradiction',
    meaning: 'The data and the events of one transaction tell different things.',
  },
}

/**
 * Every kind of finding with its count, also those with none. The record counts ballots by kind;
 * findings about polls and nodes are counted in its list, which may be cut.
 */
export function breaches(run: Run): Breach[] {
  return FINDING_KINDS.map((kind) => ({ kind, ...MEANINGS[kind], count: countOf(run, kind) }))
}

/** The kind of a finding as a person reads it, for example `Finality broken`. */
export function nameOf(kind: FindingKind): string {
  return MEANINGS[kind].name
}

/** All findings together; more than zero is a breach of integrity, whatever else went well. */
export function breachCount(run: Run): number {
  const byKind = breaches(run).reduce((sum, { count }) => sum + count, 0)
  return Math.max(byKind, run.findings.count)
}

function countOf(run: Run, kind: FindingKind): number {
  const listed = run.findings.listed.filter((finding) => finding.kind === kind).length
  const counted: Readonly<Record<string, number>> = run.counts
  return Math.max(counted[kind] ?? 0, listed)
}

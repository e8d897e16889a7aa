import type { Run } from '../Run.ts'

/** A breach with its evidence, in the form that the run record gives it. */
export type Finding = Omit<
  Run['findings']['listed'][number],
  'kind' | 'ballot' | 'brokenBetween'
> & {
  kind: Kind
}

/** The kinds of breach that an audit names, and what each means. */
export const MEANINGS = {
  brokenBlock: 'a block does not hash to what it is called, or to what it is said to hold',
  brokenSeal: 'a block lacks the seals of the validators that follow from the genesis block',
  nodesDisagree: 'two nodes show different blocks, or different tallies, for one height',
  finalityBroken: 'a block that was verified before is another one now',
  registerMismatch: 'the poll is bound to another register than the one that is shown',
  contradiction: 'the data and the events of one transaction tell different things',
  badSignature: 'a ballot was counted that its voter did not sign',
  ineligible: 'a ballot was counted of somebody outside the register, or of another voter',
  untimely: 'a ballot was counted before the poll opened or after it was sealed',
  unexpected: 'a ballot was counted for a poll or an option that does not exist',
  duplicated: 'a second ballot of a voter was counted',
  wronglySkipped: 'a ballot was refused that should have been counted',
  redirected: 'a poll was pointed at another contract while it ran',
  tallyMismatch: 'the result that the contract tells differs from the recount',
  invalidReceipt: 'a receipt does not carry the signature or the sealing time that it should',
  lost: 'a voter was promised that the ballot counts, the poll is sealed, and it is not there',
} as const

export type Kind = keyof typeof MEANINGS

/** All findings of an audit. */
export type Findings = {
  add(finding: Finding): void
  count(): number
  /** The first {@link LISTED_MAX}. */
  listed(): Finding[]
}

/** Who lies a million times is shown by the first thousands; the rest is counted. */
export const LISTED_MAX = 10_000

/**
 * @param before - those of an earlier part of the same audit, and how many it counted.
 */
export function collect(before: { count: number; listed: readonly Finding[] }): Findings {
  const listed = [...before.listed]
  let { count } = before
  return {
    add(finding) {
      count += 1
      if (listed.length < LISTED_MAX) listed.push(finding)
    },
    count: () => count,
    listed: () => [...listed],
  }
}

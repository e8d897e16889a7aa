import { FINDINGS_LISTED_MAX, type Finding } from '../Run.ts'
import type * as Recorded from '../SignedTwice.ts'

/**
 * Voters who signed two choices, and of whom the chain holds another than the one that was planned:
 * their own doing, so it is told and accuses nobody.
 */
export type SignedTwice = {
  /** @param altered - what the finding would be, were there no second signature. */
  add(altered: Finding, secondSignature: string): void
  told(): Recorded.SignedTwice
}

/** @param complete - adds the first signature, and what the voter was told. */
export function create(complete: (finding: Finding) => Finding): SignedTwice {
  const listed: Recorded.SignedTwice['listed'] = []
  let count = 0
  return {
    add(altered, secondSignature) {
      count += 1
      if (listed.length === FINDINGS_LISTED_MAX) return
      const { ballot, pollId, voterIndex, evidence } = complete(altered)
      const message = `The voter of ballot ${ballot} signed two choices, ${evidence['signedChoice']} and ${evidence['seenChoice']}; block ${evidence['block']} counts the latter.`
      listed.push({
        ballot: ballot ?? -1,
        pollId: pollId ?? -1,
        voterIndex: voterIndex ?? -1,
        message,
        evidence: { ...evidence, secondSignature },
      })
    },
    told: () => ({ count, listed }),
  }
}

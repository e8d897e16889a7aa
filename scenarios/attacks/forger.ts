import type { Attack } from './Attack.ts'

/** Has the form of a signature; no key has made it. */
const FORGED = `0x${'11'.repeat(64)}1b`

/** Casts ballots that nobody has signed. */
export const forger: Attack = {
  description: 'casts ballots of voters with forged signatures',
  ratePerS: 10,
  act({ targets, pollIds, voterCount, post }, index) {
    const voterIndex = index % voterCount
    const voter = `0x${voterIndex.toString(16).padStart(40, '0')}`
    const url = `${targets[index % targets.length]}/polls/${pollIds[index % pollIds.length]}/ballots`
    return post(url, { voter, voterIndex, choice: 0, signature: FORGED })
  },
}

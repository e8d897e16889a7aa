import type { Storm } from '../Storm.ts'

/** Ten seconds on anvil, for those who change this project. */
export const smoke: Storm = {
  name: 'smoke',
  description: 'ten seconds on anvil, for development: 20 ballots/s',
  goal: 'Every room of the harness works together: plan, storm, chain, books, report.',
  network: 'anvil',
  voters: 1000,
  electorate: { kind: 'uniform' },
  arrivals: { kind: 'stages', stages: [{ ratePerS: 20, durationMs: 10_000 }] },
  polls: [{ locale: 'en', optionCount: 4, closesAfterStormMs: 2000, sealsAfterCloseMs: 4000 }],
  voter: { attemptsMax: 3, timeoutMs: 3000, backoffMs: 250 },
  objectives: { ackMsP99Max: 1000, finalityMsP99Max: 10_000, notAcknowledgedShareMax: 0.01 },
}

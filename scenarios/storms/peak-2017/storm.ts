import type { Storm } from '../Storm.ts'

/** The highest load that the real chain of 2017 has seen, then three and six times as much. */
export const peak2017: Storm = {
  name: 'peak-2017',
  description: 'the peak of 2017 (17 ballots/s), then 50/s, then 100/s, on four QBFT validators',
  goal: 'The load of the real system, and six times as much, becomes final in seconds; not one ballot is lost, duplicated or altered.',
  network: 'qbft',
  voters: 10_000,
  electorate: { kind: 'uniform' },
  arrivals: {
    kind: 'stages',
    stages: [
      { ratePerS: 17, durationMs: 60_000 },
      { ratePerS: 50, durationMs: 30_000 },
      { ratePerS: 100, durationMs: 30_000 },
    ],
  },
  polls: [{ locale: 'ru', optionCount: 5, closesAfterStormMs: 5000, sealsAfterCloseMs: 15_000 }],
  voter: { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 },
  objectives: { ackMsP99Max: 1000, finalityMsP99Max: 10_000, notAcknowledgedShareMax: 0.001 },
}

import { dayOf } from '../../schedule/profiles/day.ts'
import type { Storm } from '../Storm.ts'

const VOTERS = 220_000

/** The day of the largest poll that the real platform has seen, with a tenth of its ballots fired. */
export const popularPoll: Storm = {
  name: 'popular-poll',
  description: 'the day of a popular poll: 220,000 voters enrolled, 22,000 ballots, played faster',
  goal: 'A register of the size of the largest real poll is enrolled, and a day of it, evening peak and rush before closing included, leaves balanced books.',
  network: 'qbft',
  voters: VOTERS,
  electorate: { kind: 'city', city: 'active-citizen', isSparse: false },
  arrivals: dayOf({ city: 'active-citizen', voters: VOTERS, ballots: 22_000, compress: 210 }),
  polls: [
    {
      locale: 'ru',
      optionCount: 4,
      participants: 220_000,
      closesAfterStormMs: 5000,
      sealsAfterCloseMs: 20_000,
    },
  ],
  voter: { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 },
  objectives: { ackMsP99Max: 2000, finalityMsP99Max: 15_000, notAcknowledgedShareMax: 0.001 },
}

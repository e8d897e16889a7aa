import { dayOf } from '../../schedule/profiles/day.ts'
import type { Storm } from '../Storm.ts'

/** One in fifty of the 12,000,000. */
const VOTERS = 240_000

/** Of the city 1,320,000, of the slice 26,400: all of them vote. */
const TURNOUT = 0.11

/** The day of a popular poll of the whole city, in the small. */
export const cityDay: Storm = {
  name: 'city-day',
  description: 'a popular poll of a city of 12,000,000, one voter in 50 enrolled, played faster',
  goal: 'What a ballot costs in a city of twelve million, and whether a slice of its day becomes final in seconds with balanced books.',
  network: 'qbft',
  voters: VOTERS,
  electorate: { kind: 'city', city: 'whole-city', isSparse: true },
  arrivals: dayOf({ city: 'whole-city', voters: VOTERS, ballots: VOTERS * TURNOUT, compress: 210 }),
  polls: [
    {
      locale: 'ru',
      optionCount: 5,
      turnout: TURNOUT,
      closesAfterStormMs: 5000,
      sealsAfterCloseMs: 20_000,
    },
  ],
  voter: { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 },
  objectives: { ackMsP99Max: 2000, finalityMsP99Max: 15_000, notAcknowledgedShareMax: 0.001 },
}

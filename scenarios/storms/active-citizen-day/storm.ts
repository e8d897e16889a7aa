import { dayOf } from '../../schedule/profiles/day.ts'
import type { PollKind, Storm } from '../Storm.ts'

/** As many as are open on one day, more or less; their sizes follow the city's popularity. */
const POLL_COUNT = 40

const poll: PollKind = {
  locale: 'ru',
  optionCount: 5,
  closesAfterStormMs: 5000,
  sealsAfterCloseMs: 20_000,
}

const VOTERS = 20_000

/** A day of many polls, with voters who take part in several of them. */
export const activeCitizenDay: Storm = {
  name: 'active-citizen-day',
  description: 'a day of 40 polls by popularity, voters moving between them, played faster',
  goal: 'Many polls at once, from popular to tiny: each one balances by itself.',
  network: 'qbft',
  voters: VOTERS,
  electorate: { kind: 'city', city: 'active-citizen', isSparse: false },
  arrivals: dayOf({ city: 'active-citizen', voters: VOTERS, ballots: 6000, compress: 420 }),
  polls: Array.from({ length: POLL_COUNT }, () => poll),
  voter: { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 },
  objectives: { ackMsP99Max: 1000, finalityMsP99Max: 10_000, notAcknowledgedShareMax: 0.001 },
}

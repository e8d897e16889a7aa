import { dayOf } from '../../schedule/profiles/day.ts'
import type { Storm } from '../Storm.ts'

const VOTERS = 450_000

/** The city's best-known chain polls: will a house's residents move while it is rebuilt? */
export const relocation: Storm = {
  name: 'relocation',
  description: 'a poll for each of 2,000 buildings with 50 to 400 voters, all open at once',
  goal: 'Thousands of small polls are opened, voted in and counted at once, each to the ballot: no large number would hide a lost or a forged one.',
  network: 'qbft',
  voters: VOTERS,
  electorate: { kind: 'buildings', size: { votersMin: 50, votersMax: 400 } },
  arrivals: dayOf({ city: 'active-citizen', voters: VOTERS, ballots: 22_500, compress: 210 }),
  polls: [{ locale: 'ru', optionCount: 2, closesAfterStormMs: 5000, sealsAfterCloseMs: 20_000 }],
  voter: { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 },
  objectives: { ackMsP99Max: 2000, finalityMsP99Max: 15_000, notAcknowledgedShareMax: 0.001 },
}

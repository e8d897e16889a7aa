import type { Targets } from '../targetOf.ts'

/** What the script is told, as JSON in one environment variable. */
export type Settings = Targets & {
  feederUrl: string
  /** How often, and how long, a voter tries; see the plan. */
  voter: { attemptsMax: number; timeoutMs: number; backoffMs: number }
  vuCount: number
  /** Ballots that one VU may hold unanswered; at the bound it takes no further slice. */
  openBallotsMax: number
  /** The VUs are stopped after this, whatever is still open. */
  maxDurationMs: number
}

/** The environment variable that carries the settings. */
export const VARIABLE = 'BALLOTSTORM_K6'

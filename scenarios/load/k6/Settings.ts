import type { Path } from '../../ballots/Path.ts'

/** What the script is told, as JSON in one environment variable. */
export type Settings = {
  path: Path
  feederUrl: string
  /** `relayed`: base URLs of the voting API. `direct`: JSON-RPC URLs of the nodes. */
  targets: string[]
  /** Where only those voters turn whom the targets have failed; the same kind of URLs. */
  standbyTargets: string[]
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

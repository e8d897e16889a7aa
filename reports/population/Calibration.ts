/** What the page needs of a calibration: figures only. Whoever counted them is no concern of it. */
export type Calibration = {
  city: { name: string; description: string; registered: number }
  seeds: readonly string[]
  /** What was enumerated under each seed. */
  enumerated: {
    voters: readonly number[]
    ballots: readonly number[]
    followed: readonly number[]
  }
  /** Votes in all polls of the model. */
  votes: number
  rows: readonly Row[]
  problems: readonly string[]
  detail: Detail
}

/** One figure: what it should be, and what was counted under each seed. */
export type Row = {
  kind: 'published' | 'model'
  id: string
  name: string
  source: string
  expected: number
  /** What may be counted, ends included. */
  low: number
  high: number
  counted: readonly number[]
}

/** What the charts show, under the first seed. */
export type Detail = {
  /** The day of the most popular poll, by minutes from opening. */
  day: {
    opensAtMs: number
    ballots: number
    counted: readonly number[]
    expected: readonly number[]
  }
  /** Participants of each poll enumerated, from the most popular one down. */
  polls: readonly { rank: number; participants: number; isPopular: boolean }[]
  /** Turnout in the popular polls, 0 to 1. */
  districts: readonly { name: string; voters: number; counted: number; expected: number }[]
  /** Voters by number of votes, ends included; `poisson` is what chance alone would give. */
  habit: readonly { from: number; to: number; voters: number; poisson: number }[]
}

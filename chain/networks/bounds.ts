/** From the first to the last, in steps of the third. */
export type Bounds = { min: number; max: number; step: number }

/** What a kind of network lets its user choose; undefined where it has no say. */
export type Choices = {
  validators: Bounds | undefined
  blockTimeMs: Bounds
  gasLimit: Bounds | undefined
}

/** A node takes 200 MB and its share of two cores; the thresholds of 21 validators are well known. */
export const VALIDATORS: Bounds = { min: 1, max: 21, step: 1 }

/** The chain of 2017 had 6,000,000; the creation of a contract takes up to 5,000,000. */
export const GAS_LIMIT: Bounds = { min: 5_000_000, max: 2_000_000_000, step: 1 }

/** What is still a chain and not a standstill. */
const BLOCK_TIME_MS_MAX = 60_000

/** geth and GoQuorum know whole seconds. */
export const GETH = {
  validators: VALIDATORS,
  blockTimeMs: { min: 1000, max: BLOCK_TIME_MS_MAX, step: 1000 },
  gasLimit: GAS_LIMIT,
} satisfies Choices

export const ANY_BLOCK_TIME_MS: Bounds = { min: 100, max: BLOCK_TIME_MS_MAX, step: 1 }

/** 1 is a public network's. */
export const CHAIN_IDS: Bounds = { min: 2, max: 0xff_ff_ff_ff, step: 1 }

export function isWithin(value: number, { min, max, step }: Bounds): boolean {
  return value >= min && value <= max && value % step === 0
}

import type { Stage } from '../StageArrivals.ts'

/** For example `17/s for 60 s`. */
export function describeStage({ ratePerS, durationMs }: Stage): string {
  return `${round(ratePerS)}/s for ${round(durationMs / 1000)} s`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

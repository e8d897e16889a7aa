import { mkdirSync, statfsSync } from 'node:fs'

import { UsageError } from '../UsageError.ts'

/** Nodes, database, Prometheus and logs of a run without a single ballot. */
const BASE_BYTES = 700 * 2 ** 20

/**
 * A ballot in every place that it is written to: spool (96 to 288 bytes), history (600), the chain
 * on five nodes (2,500), database and its log (1,500), observations (60), rounded up.
 */
const BYTES_PER_BALLOT = 6_000

/** An address in register file and in the code of the register on five nodes. */
const BYTES_PER_VOTER = 200

/** What a run will need at most, in bytes. */
export function estimateBytes(run: { ballots: number; voters: number }): number {
  return BASE_BYTES + run.ballots * BYTES_PER_BALLOT + run.voters * BYTES_PER_VOTER
}

/**
 * Refuses a run for which the disk is too small, before anything is written.
 *
 * @throws {UsageError} with the figures and the way out, also where the folder cannot be made.
 */
export function assertRoom(folder: string, run: { ballots: number; voters: number }): void {
  make(folder)
  const { bavail, bsize } = statfsSync(folder)
  const needBytes = estimateBytes(run)
  const freeBytes = bavail * bsize
  if (freeBytes >= needBytes) return
  throw new UsageError([
    `This run needs about ${gigabytes(needBytes)} and ${folder} has ${gigabytes(freeBytes)} free: fire fewer ballots, or name another disk by --out.`,
  ])
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError([`--out: ${folder} cannot be made (${reason}): name another folder.`])
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}

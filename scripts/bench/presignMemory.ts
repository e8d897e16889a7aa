import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

/** The most that are taken where the user says nothing. */
const WORKERS = 4
const BALLOTS = [20_000, 160_000] as const
const TIMEOUT_MS = 120_000

/** The most memory that presigning takes, register and all; it must not follow the number. */
export const presignMemory: Benchmark = {
  name: 'presign-memory',
  description: `peak resident memory of presigning ${BALLOTS[1].toLocaleString('en')} ballots with ${WORKERS} workers`,
  limit: { kind: 'most', value: 400, unit: 'MB' },
  async measure(folder) {
    await Fixture.inputs(folder, 'api')
    const few = await peakMb(folder, BALLOTS[0])
    const many = await peakMb(folder, BALLOTS[1])
    return {
      rounds: [many],
      details: `${Math.round(few)} MB for ${BALLOTS[0].toLocaleString('en')} ballots`,
    }
  },
}

async function peakMb(folder: string, ballots: number): Promise<number> {
  const script = join(import.meta.dirname, 'presignOnce.ts')
  const args = [script, folder, String(ballots), String(WORKERS)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS })
  return Number(stdout) / 1e6
}

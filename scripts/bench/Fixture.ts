import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { join } from 'node:path'

import * as Spool from '../../scenarios/ballots/Spool.ts'
import { workOf, type Inputs } from '../../scenarios/presign/presign.ts'
import { register } from '../../scenarios/presign/register.ts'
import type { SpoolWork } from '../../scenarios/presign/BlockWriter.ts'
import type { Path } from '../../scenarios/ballots/Path.ts'

/** Voters of the benchmarks; two polls let them cast 200,000 ballots. */
export const ELECTORATE = { seed: 'bench', size: 100_000 }

export const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }

const POLLS = [1, 2].map((pollId) => ({
  pollId,
  question: `Which, of poll ${pollId}?`,
  options: ['a playground', 'a garden', 'a library', 'none of these'],
}))

/** Ballots of a path as `presign` takes them; the register is derived first. */
export async function inputs(
  folder: string,
  path: Path,
): Promise<Inputs & { registerFile: string }> {
  const registerFile = join(folder, 'register.bin')
  return {
    path,
    electorate: ELECTORATE,
    polls: POLLS,
    ballotCount: ELECTORATE.size * POLLS.length,
    domain: DOMAIN,
    codeHash: `0x${'11'.repeat(32)}`,
    registerFile,
    registerCommitment: await register({ electorate: ELECTORATE, file: registerFile }),
  }
}

/** The very work that `presign` gives to its threads, with a file that it can be written to. */
export async function work(folder: string, path: Path): Promise<SpoolWork> {
  const file = join(folder, 'records.bin')
  const made = workOf(await inputs(folder, path), file)
  const sizeBytes = Spool.positionOf(Spool.RECORD_SIZE_BYTES[path], made.count)
  makeFile(file, sizeBytes)
  return made
}

/** A file of zeros. */
export function makeFile(file: string, sizeBytes: number): void {
  const descriptor = openSync(file, 'w')
  ftruncateSync(descriptor, sizeBytes)
  closeSync(descriptor)
}

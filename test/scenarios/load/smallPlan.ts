import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { makePlan, type Options as PlanOptions } from '../../../scenarios/load/makePlan.ts'
import { register } from '../../../scenarios/presign/register.ts'
import type { Plan } from '../../../scenarios/schedule/Plan.ts'
import type { Stage } from '../../../scenarios/schedule/StageArrivals.ts'

export const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }

/** A plan of one poll in `folder`, with everything that it does not need left out. */
export async function smallPlan(
  folder: string,
  { stages, ...given }: Partial<PlanOptions> & { stages: Stage[] },
): Promise<{ plan: Plan; isReused: boolean }> {
  mkdirSync(folder, { recursive: true })
  const seed = given.seed ?? 'rig'
  const electorateSize = given.electorateSize ?? 2000
  const registerFile = join(folder, 'register.bin')
  const registerCommitment = await register({
    electorate: { seed, size: electorateSize },
    file: registerFile,
  })
  return makePlan({
    seed,
    scenario: 'rig',
    design: 'relayed',
    path: 'api',
    electorateSize,
    polls: [
      {
        pollId: 1,
        question: 'Which?',
        options: ['one', 'two', 'three'],
        closesAfterMs: 60_000,
        sealsAfterCloseMs: 10_000,
      },
    ],
    arrivals: { kind: 'stages', stages },
    voter: { attemptsMax: 3, timeoutMs: 5000, backoffMs: 100 },
    domain: DOMAIN,
    codeHash: `0x${'11'.repeat(32)}`,
    registerCommitment,
    registerFile,
    folder,
    ...given,
  })
}

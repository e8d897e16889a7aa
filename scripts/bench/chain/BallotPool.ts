import { join } from 'node:path'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import type * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import type * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import { presign } from '../../../scenarios/presign/presign.ts'
import type { Deployment, Times } from '../../rig/deployment/Deployment.ts'
import { SEED, VOTERS, type BenchRig } from './BenchRig.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

/** A poll with ballots of voters drawn at random, each handed out once. */
export type BallotPool = {
  poll: PollOnChain
  header: Spool.Header
  /**
   * The records of the next ballots.
   *
   * @throws {EmptyError} where so many are not left.
   */
  take(count: number): Buffer
}

/** For blasts of 700 ballots a second; a faster machine runs short and says so. */
export const BLAST_BALLOTS = 100_000

const POLL_S = 86_400

/** Opens a poll on the chain and signs a ballot for it by each of `count` voters. */
export async function open(rig: BenchRig, path: Path, count: number): Promise<BallotPool> {
  const { poll: text, times } = pollOf(path)
  const [poll] = await rig.deployment.openPolls([text], [times])
  if (poll === undefined) throw new TypeError('A poll that was opened is missing.')
  const spoolFile = join(rig.host.folder, `${path}.bin`)
  const header = await presign({
    path,
    electorate: { seed: SEED, size: VOTERS },
    polls: [{ ...text, pollId: poll.pollId }],
    ballotCount: count,
    domain: domainOf(rig.deployment),
    codeHash: rig.deployment.codeHash,
    registerFile: rig.registerFile,
    registerCommitment: rig.registerCommitment,
    spoolFile,
  })
  const spool = Spool.open(spoolFile)
  rig.onClose(async () => spool.close())
  let taken = 0
  return {
    poll,
    header,
    take(wanted) {
      if (taken + wanted > count) throw new EmptyError(path, count)
      const records = spool.read(taken, wanted)
      taken += wanted
      return records
    },
  }
}

/** What ballots are bound to. */
export function domainOf({ chainId, verifyingContract }: Deployment): Ballot.Domain {
  return { chainId, verifyingContract }
}

/** A poll that is open and outlasts every benchmark. */
export function pollOf(path: string): { poll: Poll.Poll; times: Times } {
  const nowS = Math.floor(Date.now() / 1000)
  const durations = { closesAfterMs: POLL_S * 1000, sealsAfterCloseMs: POLL_S * 1000 }
  return {
    poll: {
      pollId: 1,
      question: `Which, by ${path}?`,
      options: ['a', 'b', 'c', 'd'],
      ...durations,
    },
    times: { opensAt: nowS - OPENED_S, closesAt: nowS + POLL_S, sealsAt: nowS + 2 * POLL_S },
  }
}

/** The clock of the chain may lie behind. */
const OPENED_S = 60

/** More ballots were mined than were signed, so that the measurement would end for want of them. */
export class EmptyError extends BallotstormError {
  override readonly name = 'BallotPool.EmptyError'
  readonly code = 'BENCH_SUPPLY_EMPTY'
  readonly exitCode = 107
  readonly remedy = 'Sign more ballots for the benchmark: this machine is faster than foreseen.'
  constructor(path: string, count: number) {
    super(`All ${count} ballots of ${path} are used up: the chain was faster than foreseen.`)
  }
}

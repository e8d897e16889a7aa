import { join } from 'node:path'

import * as Deploy from '../../../chain/contracts/deploy.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import { presign } from '../../../scenarios/presign/presign.ts'
import { SEED, VOTERS, type Lab } from './Lab.ts'

/** A poll with ballots of voters drawn at random, each handed out once. */
export type Supply = {
  poll: Deploy.PollOnChain
  header: Spool.Header
  /**
   * The records of the next ballots.
   *
   * @throws {EmptyError} where so many are not left.
   */
  take(count: number): Buffer
}

/** For blasts of 700 ballots a second; a faster machine runs short and says so. */
export const DIRECT_BALLOTS = 100_000

const POLL_S = 86_400

/** Opens a poll on the chain and signs a ballot for it by each of `count` voters. */
export async function open(lab: Lab, path: 'relayed' | 'direct', count: number): Promise<Supply> {
  const text = pollOf(path)
  const [poll] = await Deploy.createPolls(lab.deployer, lab.deployment, [text])
  if (poll === undefined) throw new TypeError('A poll that was opened is missing.')
  const spoolFile = join(lab.folder, `${path}.bin`)
  const header = await presign({
    path,
    electorate: { seed: SEED, size: VOTERS },
    polls: [{ ...text, pollId: poll.pollId }],
    ballotCount: count,
    domain: lab.domain,
    codeHash: lab.deployment.codeHash,
    registerFile: lab.registerFile,
    registerCommitment: lab.registerCommitment,
    spoolFile,
  })
  const spool = Spool.open(spoolFile)
  lab.onClose(async () => spool.close())
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

/** A poll that is open and outlasts every benchmark. */
export function pollOf(path: string): Omit<Deploy.PollOnChain, 'pollId' | 'pollDigest' | 'slice'> {
  const nowS = Math.floor(Date.now() / 1000)
  return {
    question: `Which, by ${path}?`,
    options: ['a', 'b', 'c', 'd'],
    opensAt: nowS - OPENED_S,
    closesAt: nowS + POLL_S,
    sealsAt: nowS + 2 * POLL_S,
  }
}

/** The clock of the chain may lie behind. */
const OPENED_S = 60

/** More ballots were mined than were signed: the measurement would end in want. */
export class EmptyError extends Error {
  override readonly name = 'Supply.EmptyError'
  readonly code = 'BENCH_SUPPLY_EMPTY'
  constructor(path: string, count: number) {
    super(`All ${count} ballots of ${path} are used up: the chain was faster than foreseen.`)
  }
}

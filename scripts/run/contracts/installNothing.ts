import { CHAIN_ID_DEFAULT } from '../../../chain/networks/Network.ts'
import type { Ground, Installation } from './Installation.ts'
import { pollsAt } from './pollsAt.ts'

/** `legacy`: no chain. Ballots are bound to an address that nobody has, so that none counts elsewhere. */
export async function installNothing(ground: Ground): Promise<Installation> {
  return {
    chainId: CHAIN_ID_DEFAULT,
    verifyingContract: `0x${'00'.repeat(20)}`,
    codeHash: `0x${'00'.repeat(32)}`,
    fromBlock: 0,
    polls: [...ground.polls],
    target: undefined,
    carriage: undefined,
    isSealedByContract: false,
    openPolls: (times) => Promise.resolve(pollsAt(ground.polls, ground.registerCommitment, times)),
    tally: undefined,
  }
}

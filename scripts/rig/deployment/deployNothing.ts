import { CHAIN_ID_DEFAULT } from '../../../chain/networks/Network.ts'
import type { DeployContext, Deployment } from './Deployment.ts'
import { pollsAt } from './pollsAt.ts'

/** `legacy`: no chain. Ballots are bound to an address that nobody has, so that none counts elsewhere. */
export async function deployNothing(context: DeployContext): Promise<Deployment> {
  return {
    chainId: CHAIN_ID_DEFAULT,
    verifyingContract: `0x${'00'.repeat(20)}`,
    codeHash: `0x${'00'.repeat(32)}`,
    fromBlock: 0,
    polls: [...context.polls],
    takesMorePolls: true,
    target: undefined,
    submission: undefined,
    isSealedByContract: false,
    openPolls: (polls, times) => Promise.resolve(pollsAt(polls, context.registerCommitment, times)),
    tally: undefined,
  }
}

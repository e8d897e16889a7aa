import * as Clique from '../../chain/networks/clique.ts'
import type { GethOptions } from '../../chain/networks/GethOptions.ts'
import type { Network, ValidatorKind } from '../../chain/networks/Network.ts'
import * as Qbft from '../../chain/networks/qbft.ts'

/** What the nodes of each kind run, and how such a network is started. */
export const validatorNetworks: Readonly<
  Record<
    ValidatorKind,
    { tool: 'goquorum' | 'geth'; start: (options: GethOptions) => Promise<Network> }
  >
> = {
  qbft: { tool: 'goquorum', start: Qbft.start },
  clique: { tool: 'geth', start: Clique.start },
}

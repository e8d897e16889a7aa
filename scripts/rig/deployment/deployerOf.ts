import { readFileSync } from 'node:fs'

import type { Deployer } from '../../../chain/contracts/deploy.ts'
import { IN_FLIGHT_MAX } from '../../../chain/contracts/Sender.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import type { Finality } from '../../../scenarios/ballots/Finality.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import type { NetworkStage } from '../startNetwork.ts'
import type { DeployContext } from './Deployment.ts'

/** The account that deploys: the user's where one is named, else one of the seed's. */
export function deployerOf(context: DeployContext): Deployer {
  const { deployerKeyFile } = context.options
  const key =
    deployerKeyFile === undefined
      ? Electorate.rolePrivateKey(context.accountSeed, 'deployer')
      : readKey(deployerKeyFile)
  const { network, gasPriceWei } = stageOf(context)
  return {
    rpcUrl: network.observerUrl,
    key,
    gasPriceWei,
    inFlightMax: inFlightMax(network),
    finality: finalityOfSteps(network),
  }
}

/** Pools of networks that a run starts take thousands; a block holds as many openings of polls. */
const IN_FLIGHT_MAX_OWN = 200

/** Transactions of one account that a network's pool surely takes. */
export function inFlightMax({ kind }: Pick<Network, 'kind'>): number {
  return kind === 'external' ? IN_FLIGHT_MAX : IN_FLIGHT_MAX_OWN
}

/**
 * When a step of the deployment counts as done: on Clique its block may vanish, and what is read right
 * after it with it. A foreign network's rule may take longer than a step is waited for; there its
 * inclusion has to do.
 */
export function finalityOfSteps({ kind, finality }: Pick<Network, 'kind' | 'finality'>): Finality {
  return kind === 'external' ? { kind: 'instant' } : finality
}

/** A key file that the flags' check has found whole. */
export function readKey(file: string): Buffer {
  return Buffer.from(readFileSync(file, 'utf8').trim().replace(/^0x/, ''), 'hex')
}

/** The network of a design that has contracts: it was started before them. */
export function stageOf({ stage, options }: DeployContext): NetworkStage {
  if (stage === undefined) {
    throw new TypeError(`The design ${options.design.name} has contracts and no network.`)
  }
  return stage
}

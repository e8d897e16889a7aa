import * as Ballots from '../../chain/database/Ballots.ts'
import * as Pool from '../../chain/database/Pool.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import type { Network } from '../../chain/networks/Network.ts'
import { startPart, type Serving } from '../../chain/processes/startPart.ts'
import type { Config as WitnessConfig } from '../../metrics/witness/Config.ts'
import type { Host } from './Host.ts'
import * as Parts from './parts.ts'

/** Two make a comparison; each more costs a request a block. */
const WITNESS_NODES = 2

/** What a witness of a chain reads, and where it writes. */
export type ChainSite = {
  network: Pick<Network, 'observerUrl' | 'rpcUrls' | 'finality' | 'validators' | 'seals'>
  target: WitnessConfig['target']
  /** No ballot to be counted lies in an earlier block. */
  fromBlock: number
  observationsFile: string
}

/** Starts the witness of a chain. */
export function startWitness(
  host: Host,
  { network, target, fromBlock, observationsFile }: ChainSite,
  number = 1,
): Promise<Serving> {
  const config = {
    rpcUrls: [...new Set([network.observerUrl, ...network.rpcUrls])].slice(0, WITNESS_NODES),
    target,
    finality: network.finality,
    ...validatorsOf(network),
    fromBlock: Math.max(1, fromBlock),
    observationsFile,
    port: 0,
  }
  return startPart(host, Parts.witness, config, number)
}

/** Whose seals the witness asks for: of our own networks by our own keys, of others by their word. */
function validatorsOf({
  validators,
  seals,
}: Pick<Network, 'validators' | 'seals'>): Pick<WitnessConfig, 'validators'> {
  if (validators === undefined || seals === undefined) return {}
  const members = validators.map((address) => address.toLowerCase())
  return { validators: { kind: seals, members } }
}

/** Where there is no chain: starts the witness of the database. */
export function startDatabaseWitness(
  host: Host,
  site: { postgresUrl: string; afterSequence: number; observationsFile: string },
): Promise<Serving> {
  return startPart(host, Parts.databaseWitness, { ...site, port: 0 })
}

/** The next block of a network: no ballot of a storm to come lies before it. */
export async function nextBlock({ observerUrl }: Pick<Network, 'observerUrl'>): Promise<number> {
  return Number(await Rpc.call(observerUrl, { method: 'eth_blockNumber' }, Rpc.Quantity)) + 1
}

/** The highest sequence number of a table of ballots: a storm to come has higher ones. */
export function lastSequence(url: string): Promise<number> {
  return Pool.use({ url, name: 'harness' }, Ballots.lastSequence)
}

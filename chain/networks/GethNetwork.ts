import { Type } from 'typebox'

import type { Finality } from '../../scenarios/ballots/Finality.ts'
import * as Part from '../processes/Part.ts'
import type { Supervisor } from '../processes/Supervisor.ts'
import * as GethNode from './GethNode.ts'
import type { Shape } from './GethOptions.ts'
import type { Network } from './Network.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** A network of nodes that run under a supervisor. */
export type Running = {
  /** A name of `kinds.ts`. */
  kind: string
  /** How it seals blocks. */
  seals: NonNullable<Network['seals']>
  /** Validators first; the last one seals nothing: it is read from, and voters write to it. */
  nodes: readonly GethNode.GethNode[]
  shape: Shape
  finality: Finality
  supervisor: Supervisor
}

/** What a run is told about a network of geth or GoQuorum nodes once it is ready. */
export async function describe(running: Running): Promise<Network> {
  const { kind, seals, nodes, shape, finality, supervisor } = running
  const { chainId, blockTimeMs, gasLimit } = shape
  const validators = nodes.filter(({ isValidator }) => isValidator)
  const url = observerUrl(nodes)
  const genesis = { method: 'eth_getBlockByNumber', params: ['0x0', false] }
  return {
    kind,
    rpcUrls: validators.map(GethNode.rpcUrl),
    observerUrl: url,
    // One node for all: what comes together while it goes through its pool enters together, and goes
    // on to the others together. Spread over the validators, each transaction would make each of them
    // go through its pool once, and with more than 300 a second the chain falls behind.
    voterUrls: [url],
    metricsTargets: nodes.map(GethNode.metricsTarget),
    chainId,
    genesisHash: (await Rpc.call(url, genesis, Rpc.Block)).hash,
    clientVersion: await Rpc.call(url, { method: 'web3_clientVersion' }, Type.String()),
    validators: validators.map(({ key }) => key.address),
    seals,
    parts: [
      ...validators.map((_, index) => Part.of(supervisor, 'validator', index + 1)),
      Part.of(supervisor, 'observer'),
    ],
    finality,
    isPriced: false,
    blockTimeMs,
    gasLimit,
    async stop() {
      await Promise.all(nodes.map(({ name }) => supervisor.stop(name)))
    },
  }
}

/** JSON-RPC of the node that seals nothing. */
export function observerUrl(nodes: readonly GethNode.GethNode[]): string {
  return nodes.filter(({ isValidator }) => !isValidator).map(GethNode.rpcUrl)[0] ?? ''
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import { SILENT } from '../../scripts/Progress.ts'
import * as Host from '../../scripts/rig/Host.ts'
import { startNetwork } from '../../scripts/rig/startNetwork.ts'
import { close } from '../chain/database/postgres.ts'
import { until } from './systemChild.ts'
import { SEED } from './systemCity.ts'
import { findTool } from './tool.ts'

/** The network below a system. */
export type Network = {
  /** Owns its processes; whatever stands on the network may live there too. */
  host: Host.Host
  rpcUrls: string[]
  chainId: number
  /** The node that tests and checker read. */
  observerUrl: string
  /** Those that are killed one by one. */
  validators: { count: number; kill(index: number): void; restart(index: number): Promise<void> }
}

export type Options = { blockTimeMs: number; gasLimit?: number | undefined }

/** Anvil, whose blocks come by time, or four real validators and an observer. */
export async function start(kind: 'anvil' | 'qbft', options: Options): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-system-'))
  const host = Host.create({ folder, progress: SILENT })
  try {
    return await startOn(host, kind, options)
  } catch (error) {
    await close(host)
    throw error
  }
}

async function startOn(
  host: Host.Host,
  kind: 'anvil' | 'qbft',
  { blockTimeMs, gasLimit = 60_000_000 }: Options,
): Promise<Network> {
  const nodes = kind === 'qbft' ? await findTool('goquorum') : undefined
  const none = { rpcUrls: [], finality: undefined, allowTargetsFile: undefined }
  const options = { ...none, validatorCount: 4, blockTimeMs, gasLimit, seed: SEED }
  const { network } = await startNetwork(host, kind, options, { nodes })
  const { rpcUrls, observerUrl, chainId } = network
  const validators = network.parts.filter(({ role }) => role === 'validator')
  return {
    host,
    rpcUrls,
    observerUrl,
    chainId,
    validators: {
      count: validators.length,
      kill: (index) => void validators[index]?.kill(),
      async restart(index) {
        await validators[index]?.kill()
        await validators[index]?.restart()
        const target = await height(observerUrl)
        const url = rpcUrls[index] ?? ''
        await until('validator caught up', async () => (await height(url)) >= target, 60_000)
      },
    },
  }
}

async function height(url: string): Promise<number> {
  return Number(await Rpc.call(url, { method: 'eth_blockNumber' }, Rpc.Quantity).catch(() => -1))
}

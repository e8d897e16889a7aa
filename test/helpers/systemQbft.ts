import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as Qbft from '../../chain/networks/qbft.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import { call, type Network } from './system.ts'
import { until } from './systemChild.ts'
import { SEED } from './systemCity.ts'
import { tool } from './tool.ts'

/** Four real validators and an observer, one second a block, which can be killed one by one. */
export async function startQbft(): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-qbft-'))
  const supervisor = Supervisor.create({ logFolder: join(folder, 'logs') })
  const dispose = async (): Promise<void> => {
    await supervisor.stopAll()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const path = await tool('goquorum')
    const dataFolder = join(folder, 'network')
    const network = await Qbft.start({ supervisor, binary: path, dataFolder, seed: SEED })
    const { rpcUrls, observerUrl, chainId } = network
    const validators = network.parts.filter(({ role }) => role === 'validator')
    return {
      rpcUrls,
      observerUrl,
      chainId,
      validator: {
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
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function height(url: string): Promise<number> {
  return Number(await call(url, 'eth_blockNumber', []).catch(() => -1))
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CHAIN_ID_DEFAULT } from '../../chain/networks/Network.ts'
import { SILENT } from '../../scripts/Progress.ts'
import * as Host from '../../scripts/rig/Host.ts'
import { startNetwork } from '../../scripts/rig/startNetwork.ts'
import { close } from '../chain/database/postgres.ts'

/** A real node without consensus, for one test file. */
export type Anvil = {
  url: string
  request(method: string, ...params: unknown[]): Promise<unknown>
  height(): Promise<number>
  stop(): Promise<void>
}

export const CHAIN_ID = CHAIN_ID_DEFAULT

/** An account in whose name the node sends, as in any other's. */
export const ACCOUNT = `0x${'ac'.repeat(20)}`

const OPTIONS = {
  blockTimeMs: 100,
  gasLimit: 60_000_000,
  seed: 'anvil',
  validatorCount: 1,
  rpcUrls: [],
  finality: undefined,
  allowTargetsFile: undefined,
}

/** Starts anvil on a free port; each transaction is a block until `evm_setAutomine` says otherwise. */
export async function start(): Promise<Anvil> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-anvil-'))
  const host = Host.create({ folder, progress: SILENT })
  const tools = { goquorum: undefined, geth: undefined }
  const { network } = await startNetwork(host, 'anvil', OPTIONS, tools)
  const url = network.observerUrl
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    ask(url, method, params)
  await request('evm_setIntervalMining', 0)
  await request('evm_setAutomine', true)
  await request('anvil_autoImpersonateAccount', true)
  return {
    url,
    request,
    height: async () => Number(await request('eth_blockNumber')),
    stop: () => close(host),
  }
}

async function ask(url: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer: unknown = await response.json()
  if (typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result
  throw new Error(`${method}: ${JSON.stringify(answer)}`)
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Wallet } from 'ethers'

import { CHAIN_ID_DEFAULT } from '../../chain/networks/Network.ts'
import { SILENT } from '../../scripts/Progress.ts'
import * as Host from '../../scripts/rig/Host.ts'
import { startNetwork } from '../../scripts/rig/startNetwork.ts'
import { close } from '../chain/database/postgres.ts'

/** A real node without consensus, for one test file. */
export type Anvil = {
  url: string
  request(method: string, ...params: unknown[]): Promise<unknown>
  /** The next transaction of {@link ACCOUNT}, signed. */
  sign(call: Call): Promise<string>
  /** Sends it too; gives its hash. */
  transact(call: Call): Promise<string>
  height(): Promise<number>
  stop(): Promise<void>
}

/** A call of a contract, or the code of a new one. */
type Call = { to?: string | null | undefined; data: string }

export const CHAIN_ID = CHAIN_ID_DEFAULT

const wallet = new Wallet(`0x${'ac'.repeat(32)}`)

/** An account without a part in any test's election. The node sends in the name of any account. */
export const ACCOUNT = wallet.address.toLowerCase()

const GAS_LIMIT = 10_000_000

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
  const tools = { nodes: undefined }
  const { network } = await startNetwork(host, 'anvil', OPTIONS, tools)
  const url = network.observerUrl
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    ask(url, method, params)
  const sign = async ({ to = null, data }: Call): Promise<string> => {
    const nonce = Number(await request('eth_getTransactionCount', ACCOUNT, 'pending'))
    const fields = { type: 0, chainId: CHAIN_ID, nonce, gasPrice: 0, gasLimit: GAS_LIMIT }
    return wallet.signTransaction({ ...fields, to, data })
  }
  await request('evm_setIntervalMining', 0)
  await request('evm_setAutomine', true)
  await request('anvil_autoImpersonateAccount', true)
  return {
    url,
    request,
    sign,
    transact: async (call) => String(await request('eth_sendRawTransaction', await sign(call))),
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

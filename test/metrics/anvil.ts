import { spawn } from 'node:child_process'
import { once } from 'node:events'

import * as Networks from '../../chain/networks/anvil.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import { own } from '../helpers/own.ts'

/** A real node without consensus, for one test file. */
export type Anvil = {
  url: string
  request(method: string, ...params: unknown[]): Promise<unknown>
  height(): Promise<number>
  stop(): Promise<void>
}

const START_MS_MAX = 20_000

export const CHAIN_ID = 8995

/** Starts anvil on a free port; each transaction is a block until `evm_setAutomine` says otherwise. */
export async function start(): Promise<Anvil> {
  const port = await freePort()
  const chain = ['--chain-id', String(CHAIN_ID), '--hardfork', 'berlin']
  const free = ['--gas-price', '0', '--base-fee', '0', '--gas-limit', '60000000']
  // Without a bound anvil writes states into the user's home.
  const memory = ['--prune-history', String(Networks.STATES_MAX)]
  const args = ['--port', String(port), '--silent', '--order', 'fifo', ...chain, ...free, ...memory]
  const child = own(spawn(Networks.binary(), args, { stdio: 'ignore', detached: true }))
  const url = `http://127.0.0.1:${port}`
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    ask(url, method, params)
  const deadline = Date.now() + START_MS_MAX
  while ((await request('eth_chainId').catch(() => undefined)) === undefined) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('anvil does not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    request,
    height: async () => Number(await request('eth_blockNumber')),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
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

import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import * as Postgres from '../chain/database/postgres.ts'
import { call } from './rpcCall.ts'
import * as Network from './systemNetwork.ts'

/** A chain and a database server, on which systems stand one after the other. */
export type Servers = {
  network: Network.Network
  postgres: Omit<Postgres.Postgres, 'folder' | 'dispose'>
  mining: Mining
  /**
   * Makes room for one more: an empty database with all tables, blocks that come by themselves, and
   * nothing in the pool.
   */
  next(): Promise<{ number: number; postgresUrl: string }>
  dispose(): Promise<void>
}

/** The miner of anvil; where validators make the blocks, nothing. */
export type Mining = { start(): void; stop(): Promise<void> }

export type Options = {
  /** @default BLOCK_TIME_MS */
  blockTimeMs?: number | undefined
  /** As the network has it. */
  gasLimit?: number | undefined
  postgresSettings?: Record<string, string> | undefined
}

/** Between two blocks, unless the options say otherwise. */
export const BLOCK_TIME_MS = 200

/** Starts them; nothing is deployed yet. */
export async function start(
  kind: 'anvil' | 'qbft',
  { postgresSettings: settings, blockTimeMs = BLOCK_TIME_MS, gasLimit }: Options = {},
): Promise<Servers> {
  const network = await Network.start(kind, { blockTimeMs, gasLimit })
  let miner: Mining | undefined
  const dispose = async (): Promise<void> => {
    await miner?.stop()
    await Postgres.close(network.host)
  }
  try {
    const postgres = await Postgres.startOn(network.host, { settings })
    if (kind === 'anvil') miner = await mine(network.observerUrl, blockTimeMs)
    const mining = miner ?? { start: () => undefined, stop: () => Promise.resolve() }
    let number = 0
    return {
      network,
      postgres,
      mining,
      async next() {
        number += 1
        if (kind === 'anvil') await call(network.observerUrl, 'anvil_dropAllTransactions', [])
        mining.start()
        return { number, postgresUrl: await copyDatabase(postgres.url, `system_${number}`) }
      },
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** anvil's own miner knows whole seconds only, once it runs. */
async function mine(rpcUrl: string, blockTimeMs: number): Promise<Mining> {
  await call(rpcUrl, 'evm_setIntervalMining', [0])
  let over = new AbortController()
  let mined = Promise.resolve()
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sleep(blockTimeMs, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await call(rpcUrl, 'evm_mine', []).catch(() => undefined)
    }
  }
  const begin = (): void => {
    over.abort()
    over = new AbortController()
    mined = run(over.signal)
  }
  begin()
  return {
    start: begin,
    stop() {
      over.abort()
      return mined
    },
  }
}

/** The first database has the tables and nothing else, and nobody is connected to it. */
async function copyDatabase(url: string, name: string): Promise<string> {
  const elsewhere = new URL(url)
  const template = elsewhere.pathname.slice(1)
  elsewhere.pathname = '/template1'
  const client = new Client({ connectionString: elsewhere.href })
  await client.connect()
  try {
    await client.query(`create database ${name} template ${template}`)
  } finally {
    await client.end()
  }
  const copy = new URL(url)
  copy.pathname = `/${name}`
  return copy.href
}

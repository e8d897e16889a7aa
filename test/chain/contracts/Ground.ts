import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Type } from 'typebox'

import type * as Sender from '../../../chain/contracts/Sender.ts'
import * as Anvil from '../../../chain/networks/anvil.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'

/** Time that a test's set-up may take: compiling on a busy machine is the most of it. */
export const START_TIMEOUT_MS = 120_000

/** A chain with the rules of 2017, and accounts of which each is used by one test. */
export type Ground = {
  rpcUrl: string
  deployer(): Sender.Deployer
  close(): Promise<void>
}

/** @param gasLimit - of a block. @default 6_000_000, as in 2017 */
export async function start(gasLimit: number = 6_000_000): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-deployment-'))
  const supervisor = Supervisor.create({ logFolder: folder })
  const network = await Anvil.start({ supervisor, gasLimit, blockTimeMs: 200 })
  const rpcUrl = network.observerUrl
  let accounts = 0
  return {
    rpcUrl,
    deployer() {
      accounts += 1
      return { rpcUrl, key: Buffer.alloc(32, accounts), gasPriceWei: 0n }
    },
    async close() {
      await supervisor.stopAll()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What `eth_getLogs` answers. */
export const Logs = Type.Array(
  Type.Object({ topics: Type.Array(Type.String()), data: Type.String() }),
)

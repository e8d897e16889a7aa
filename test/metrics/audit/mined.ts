import { setTimeout as sleep } from 'node:timers/promises'

import type { Anvil } from '../anvil.ts'

/** Waits until a transaction is in a block: on a busy machine anvil takes its time. */
export async function mined(anvil: Anvil, hash: string): Promise<string> {
  while ((await anvil.request('eth_getTransactionReceipt', hash)) === null) await sleep(20)
  return hash
}

import type { Interface } from 'ethers'
import { Type } from 'typebox'

import * as Rpc from '../../../chain/networks/Rpc.ts'

/**
 * The one array of counts that a view function of a contract gives, as of the newest block.
 *
 * @throws what the node, or what is no such contract, makes of it.
 */
export async function readTally(
  rpcUrl: string,
  to: string,
  abi: Interface,
  [name, values]: readonly [string, readonly unknown[]],
): Promise<number[]> {
  const data = abi.encodeFunctionData(name, values)
  const call = { method: 'eth_call', params: [{ to, data }, 'latest'] }
  const answer = await Rpc.call(rpcUrl, call, Type.String())
  const [counts]: unknown[] = [...abi.decodeFunctionResult(name, answer)]
  if (!Array.isArray(counts)) throw new TypeError(`${to} gave no counts for ${name}.`)
  return Array.from(counts, Number)
}

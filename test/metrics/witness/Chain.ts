import type { Counted } from '../../../metrics/witness/Counted.ts'
import type { BallotCounter } from '../../../metrics/witness/BallotCounter.ts'
import * as RawBlock from '../../../metrics/witness/RawBlock.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as Anvil from '../anvil.ts'

/** A chain whose blocks the test mines, and a node in front of it that can be made to lie. */
export type Chain = {
  anvil: Anvil.Anvil
  proxy: RpcProxy.RpcProxy
  deployer: { rpcUrl: string; key: Buffer; gasPriceWei: bigint }
  /** The deployer's address. */
  owner: string
  /** Queues a call by the owner, or by whoever is named. */
  send(to: string, data: string, from?: string): Promise<string>
  /** Mines what is queued, and counts that block as the lying node tells it. */
  mineAndCount(counter: BallotCounter): Promise<Counted>
  /** Counts the last block. */
  count(counter: BallotCounter): Promise<Counted>
  dispose(): Promise<void>
}

export async function start(): Promise<Chain> {
  const anvil = await Anvil.start()
  const proxy = await RpcProxy.start(anvil.url)
  const key = Electorate.rolePrivateKey('counters', 'deployer')
  const owner = Address.toHex(Address.fromPrivateKey(key))
  const node = Rpc.connect(proxy.url)
  const count = async (counter: BallotCounter): Promise<Counted> => {
    const block = await RawBlock.read(node, await anvil.height(), counter.addresses)
    if (block === undefined) throw new Error('no block')
    return counter.count(node, block)
  }
  return {
    anvil,
    proxy,
    deployer: { rpcUrl: anvil.url, key, gasPriceWei: 0n },
    owner,
    count,
    async send(to, data, from = owner) {
      const call = { from, to, data, gasPrice: '0x0', gas: '0x989680' }
      return String(await anvil.request('eth_sendTransaction', call))
    },
    async mineAndCount(counter) {
      await anvil.request('evm_mine')
      return count(counter)
    },
    async dispose() {
      await proxy.close()
      await anvil.stop()
    },
  }
}

/** The lie of a node that shows other transactions of its blocks. */
export function alterTransactions(
  alter: (transactions: Record<string, unknown>[]) => unknown[],
): RpcProxy.Rewrite {
  return ({ method }, result) =>
    method === 'eth_getBlockByNumber' && isBlock(result)
      ? { ...result, transactions: alter(result.transactions) }
      : result
}

function isBlock(value: unknown): value is { transactions: Record<string, unknown>[] } {
  return typeof value === 'object' && value !== null && 'transactions' in value
}

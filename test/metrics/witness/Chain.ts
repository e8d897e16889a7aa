import { Wallet } from 'ethers'

import type { Counted } from '../../../metrics/witness/Counted.ts'
import type { BallotCounter } from '../../../metrics/witness/BallotCounter.ts'
import * as CheckedBlock from '../../../metrics/blocks/CheckedBlock.ts'
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
  /** Queues a call by the owner, or by a stranger: {@link Anvil.ACCOUNT}. */
  send(to: string, data: string, from?: string): Promise<string>
  /** What the counter is shown of each block from now on; without it, what is there. */
  alter(alter?: Alter): void
  /** Mines what is queued, and counts that block as it is shown. */
  mineAndCount(counter: BallotCounter): Promise<Counted>
  /** Counts the last block. */
  count(counter: BallotCounter): Promise<Counted>
  dispose(): Promise<void>
}

const asItIs: Alter = (mined) => mined

const GAS = '0x989680'

export async function start(): Promise<Chain> {
  const anvil = await Anvil.start()
  const proxy = await RpcProxy.start(anvil.url)
  const key = Electorate.rolePrivateKey('counters', 'deployer')
  const owner = Address.toHex(Address.fromPrivateKey(key))
  const wallet = new Wallet(`0x${key.toString('hex')}`)
  const node = Rpc.connect(proxy.url)
  let alter = asItIs
  const count = async (counter: BallotCounter): Promise<Counted> => {
    const [block] = await CheckedBlock.read(node, [await anvil.height()], counter.addresses)
    if (block === undefined || typeof block === 'string') throw new Error('no block')
    if (block.faults.length > 0) throw new Error(block.faults.join('; '))
    return counter.count(node, { ...block, mined: alter(block.mined) })
  }
  return {
    anvil,
    proxy,
    deployer: { rpcUrl: anvil.url, key, gasPriceWei: 0n },
    owner,
    count,
    alter(next = asItIs) {
      alter = next
    },
    async send(to, data, from = owner) {
      if (from !== owner) return anvil.transact({ to, data })
      // Signed, since what a node sends for an account without a key has no name that can be checked.
      const nonce = Number(await anvil.request('eth_getTransactionCount', owner, 'pending'))
      const unsigned = {
        type: 0,
        chainId: Anvil.CHAIN_ID,
        to,
        data,
        nonce,
        gasPrice: 0,
        gasLimit: GAS,
      }
      const raw = await wallet.signTransaction(unsigned)
      return String(await anvil.request('eth_sendRawTransaction', raw))
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

export type Alter = (mined: CheckedBlock.Mined[]) => CheckedBlock.Mined[]

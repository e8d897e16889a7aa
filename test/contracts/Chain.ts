import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Interface, type InterfaceAbi, type LogDescription, type Result } from 'ethers'

import * as Contracts from '../../scripts/contracts.ts'

/** Hardhat's own chain, in this process: Berlin, one block for each transaction, gas for nothing. */
export type Chain = {
  chainId: number
  /** Unlocked accounts, lower-case hex; the first one is the organiser. */
  accounts: readonly string[]
  request(method: string, ...params: unknown[]): Promise<unknown>
  /** Creates a contract and gives what it cost. */
  deploy(name: keyof Contracts.Artifacts): Promise<Contract & { gasUsed: number }>
  /** Runs `act` and then forgets all that it did to the chain. */
  undone<T>(act: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export type Contract = {
  address: string
  wire: Interface
  /** Mines a transaction. @throws {RevertError} */
  send(method: string, args: readonly unknown[], options?: SendOptions): Promise<Receipt>
  /** Calls without a transaction. @throws {RevertError} */
  call(method: string, args: readonly unknown[]): Promise<Result>
}

export type SendOptions = {
  from?: string | undefined
  gas?: number | undefined
  /** The block's timestamp in seconds; later than every block before. */
  timestamp?: number | undefined
}

export type Receipt = {
  gasUsed: number
  events: readonly { name: string; args: readonly unknown[] }[]
}

type RawReceipt = {
  gasUsed: string
  contractAddress: string
  logs: { topics: string[]; data: string }[]
}

/**
 * Starts a chain of its own. With `BALLOTSTORM_CONTRACTS` set, its contracts are those of that
 * file, instrumented, and what they execute is noted for the coverage report.
 */
export async function start(): Promise<Chain> {
  const instrumented = process.env['BALLOTSTORM_CONTRACTS']
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-chain-'))
  const hardhat = await Contracts.hardhat(folder, { coverage: instrumented !== undefined })
  const connection = await hardhat.network.create()
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params })
  const artifact = async (name: keyof Contracts.Artifacts): Promise<Contracts.Artifact> =>
    instrumented === undefined
      ? Contracts.artifact(name)
      : (await Contracts.readArtifacts(instrumented))[name]
  const accounts = (await request('eth_accounts')) as string[]
  return {
    chainId: Number(await request('eth_chainId')),
    accounts,
    request,
    async deploy(name) {
      const { abi, bytecode } = await artifact(name)
      const hash = await request('eth_sendTransaction', { from: accounts[0], data: bytecode })
      const receipt = (await request('eth_getTransactionReceipt', hash)) as RawReceipt
      const contract = at(request, receipt.contractAddress, abi)
      return { ...contract, gasUsed: Number(receipt.gasUsed) }
    },
    async undone(act) {
      const snapshot = await request('evm_snapshot')
      try {
        return await act()
      } finally {
        await request('evm_revert', snapshot)
      }
    },
    async close() {
      if (instrumented !== undefined) {
        await hardhat.hooks.runHandlerChain('test', 'onTestWorkerDone', ['contracts'], async () => {})
      }
      await connection.close()
      await rm(folder, { recursive: true })
    },
  }
}

function at(request: Chain['request'], address: string, abi: InterfaceAbi): Contract {
  const wire = new Interface(abi)
  return {
    address,
    wire,
    async send(method, args, options = {}) {
      const { timestamp, from, gas } = options
      if (timestamp !== undefined) await request('evm_setNextBlockTimestamp', timestamp)
      const sender = from ?? ((await request('eth_accounts')) as string[])[0]
      const data = wire.encodeFunctionData(method, args)
      const transaction = { from: sender, to: address, data, ...(gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }) }
      const hash = await request('eth_sendTransaction', transaction).catch(revert(wire))
      const receipt = (await request('eth_getTransactionReceipt', hash)) as RawReceipt
      const events = receipt.logs
        .map((log) => wire.parseLog(log))
        .filter((event): event is LogDescription => event !== null)
        .map((event) => ({ name: event.name, args: event.args.toArray() }))
      return { gasUsed: Number(receipt.gasUsed), events }
    },
    async call(method, args) {
      const data = wire.encodeFunctionData(method, args)
      const result = await request('eth_call', { to: address, data }, 'latest').catch(revert(wire))
      return wire.decodeFunctionResult(method, String(result))
    },
  }
}

/** Turns the node's error into the contract's, and passes on what is none. */
function revert(wire: Interface): (error: unknown) => never {
  return (error) => {
    const { data } = error as { data?: string | { data?: string } }
    const bytes = typeof data === 'object' ? data.data : data
    if (bytes === undefined) throw error
    const parsed = wire.parseError(bytes)
    if (parsed === null) throw new RevertError('unknown', [bytes])
    throw new RevertError(parsed.name, parsed.args.toArray())
  }
}

/** A contract refused; `reason` is its custom error. */
export class RevertError extends Error {
  override readonly name = 'Chain.RevertError'
  readonly code = 'CHAIN_REVERT'
  readonly reason: string
  readonly args: readonly unknown[]
  constructor(reason: string, args: readonly unknown[]) {
    super(`The contract refused: ${reason}(${args.join(', ')}).`)
    this.reason = reason
    this.args = args
  }
}

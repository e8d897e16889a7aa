import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Interface, type InterfaceAbi, type LogDescription, type Result } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as Contracts from '../../scripts/contracts.ts'
import { artifact as artifactOf, TESTED, type Artifacts } from './artifacts.ts'

/** Time that a test's set-up may take: compiling on a busy machine is the most of it. */
export const START_TIMEOUT_MS = 120_000

/** Hardhat's own chain, in this process: Berlin, one block for each transaction, gas for nothing. */
export type Chain = {
  chainId: number
  /** Unlocked accounts, lower-case hex; the first one is the organiser. */
  accounts: readonly string[]
  request(method: string, ...params: unknown[]): Promise<unknown>
  /** Creates a contract and gives what it cost; `args` are its constructor's. */
  deploy(name: keyof Artifacts, args?: readonly unknown[]): Promise<Contract & { gasUsed: number }>
  /** A contract that another one created. */
  at(name: keyof Artifacts, address: string): Promise<Contract>
  /** Timestamp of the newest block, in seconds. */
  now(): Promise<number>
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
  /** The contract whose errors may come back, where it is another one. */
  errors?: Interface | undefined
  /** The block's timestamp in seconds; later than every block before. */
  timestamp?: number | undefined
}

export type Receipt = {
  gasUsed: number
  events: readonly { name: string; args: readonly unknown[] }[]
}

const Accounts = Type.Array(Type.String())
const Block = Type.Object({ timestamp: Type.String() })
const RawReceipt = Type.Object({
  gasUsed: Type.String(),
  contractAddress: Type.Union([Type.String(), Type.Null()]),
  logs: Type.Array(Type.Object({ topics: Type.Array(Type.String()), data: Type.String() })),
})
/** The node's error for a revert: the bytes lie in `data` of a call, in `data.data` of a transaction. */
const RevertData = Type.Object({
  data: Type.Union([Type.String(), Type.Object({ data: Type.String() })]),
})

/**
 * Starts a chain of its own. With `BALLOTSTORM_CONTRACTS` set, its contracts are those of that
 * file, instrumented, and what they execute is noted for the coverage report.
 */
export async function start(): Promise<Chain> {
  const instrumented = process.env['BALLOTSTORM_CONTRACTS']
  if (instrumented === undefined) await Contracts.compile(TESTED)
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-chain-'))
  const hardhat = await Contracts.hardhat(folder, TESTED, {
    coverage: instrumented !== undefined,
  })
  const connection = await hardhat.network.create()
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params })
  const artifact = async (name: keyof Artifacts): Promise<Contracts.Artifact> =>
    instrumented === undefined
      ? artifactOf(name)
      : (await Contracts.readArtifacts(instrumented, TESTED))[name]
  const accounts = Value.Parse(Accounts, await request('eth_accounts'))
  return {
    chainId: Number(await request('eth_chainId')),
    accounts,
    request,
    async deploy(name, args = []) {
      const { abi, bytecode } = await artifact(name)
      const data = bytecode + new Interface(abi).encodeDeploy(args).slice(2)
      const hash = await request('eth_sendTransaction', { from: accounts[0], data })
      const receipt = Value.Parse(RawReceipt, await request('eth_getTransactionReceipt', hash))
      const contract = at({ accounts, request }, String(receipt.contractAddress), abi)
      return { ...contract, gasUsed: Number(receipt.gasUsed) }
    },
    async at(name, address) {
      return at({ accounts, request }, address, (await artifact(name)).abi)
    },
    async now() {
      return Number(
        Value.Parse(Block, await request('eth_getBlockByNumber', 'latest', false)).timestamp,
      )
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
        await hardhat.hooks.runHandlerChain(
          'test',
          'onTestWorkerDone',
          ['contracts'],
          async () => {},
        )
      }
      await connection.close()
      await rm(folder, { recursive: true })
    },
  }
}

function at(
  { accounts, request }: Pick<Chain, 'accounts' | 'request'>,
  address: string,
  abi: InterfaceAbi,
): Contract {
  const wire = new Interface(abi)
  return {
    address,
    wire,
    async send(method, args, options = {}) {
      const { timestamp, from = accounts[0], gas, errors = wire } = options
      if (timestamp !== undefined) await request('evm_setNextBlockTimestamp', timestamp)
      const data = wire.encodeFunctionData(method, args)
      const limit = gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }
      const transaction = { from, to: address, data, ...limit }
      const hash = await request('eth_sendTransaction', transaction).catch(revert(errors))
      const receipt = Value.Parse(RawReceipt, await request('eth_getTransactionReceipt', hash))
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
    if (!Value.Check(RevertData, error)) throw error
    const bytes = typeof error.data === 'string' ? error.data : error.data.data
    const parsed = bytes === '0x' ? null : wire.parseError(bytes)
    if (parsed === null) throw error
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

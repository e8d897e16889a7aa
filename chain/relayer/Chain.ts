import { isRecord } from './isRecord.ts'
import * as Nodes from './Nodes.ts'

/** A block as the relayer needs it; hashes in lower-case hex. */
export type Block = {
  number: number
  hash: string
  parentHash: string
  gasLimit: number
  /** Hashes of its transactions, in order. */
  transactions: string[]
}

/** An event of a contract. */
export type Log = { transactionHash: string; topics: string[]; data: string }

/** Where a transaction was mined, and how it went. */
export type Receipt = {
  blockNumber: number
  blockHash: string
  succeeded: boolean
  logs: Log[]
}

/**
 * The chain as functions over JSON-RPC. Reads go to one node as long as it answers, so that the
 * blocks seen belong to one chain; the next node takes over when it does not.
 *
 * All of them throw Nodes.UnreachableError where no node answers in time, and Nodes.RefusedError
 * where a node answers with an error.
 */
export type Chain = {
  chainId(): Promise<number>
  /** Whether there is a contract at the address. */
  hasCode(address: string): Promise<boolean>
  /** The newest block. */
  head(): Promise<Block>
  /** The block at a height; `undefined` where the node has none, even if it had one before. */
  block(number: number): Promise<Block | undefined>
  /** Height of the node's `finalized` tag; `undefined` where it has none yet. */
  finalizedNumber(): Promise<number | undefined>
  /** How many of the nodes have this very block at this height, and how many nodes there are. */
  agreement(number: number, hash: string): Promise<{ agreeing: number; nodes: number }>
  /** A contract's events in the block with this hash. */
  logs(blockHash: string, address: string): Promise<Log[]>
  /** A contract's events in blocks `from` to `to` whose first topic is one of these. */
  logsBetween(
    from: number,
    to: number,
    filter: { address: string; topics: readonly string[] },
  ): Promise<Log[]>
  /** What a transaction says to its contract; `undefined` where the node does not know it. */
  calldata(transactionHash: string): Promise<Uint8Array | undefined>
  /** What contracts answer after a block; `undefined` in the place of one that answers nothing. */
  calls(calls: readonly ContractCall[], blockNumber: number): Promise<(string | undefined)[]>
  /** Gas that a call would take now. */
  estimateGas(call: ContractCall & { from: string }): Promise<number>
  receipt(transactionHash: string): Promise<Receipt | undefined>
  /** Transactions of the account that are in blocks: the lowest nonce that is missing. */
  transactionCount(address: string): Promise<number>
  /** Hands signed transactions, in their order, each to the first node that takes it. */
  send(raws: readonly Uint8Array[]): Promise<Nodes.Sent[]>
}

/** A call that reads; the address is lower-case hex. */
export type ContractCall = { to: string; data: Uint8Array }

/** Connects to nothing yet; connections are kept alive. */
export function create(options: { rpcUrls: readonly string[] }): Chain {
  const nodes = Nodes.over(options.rpcUrls)
  const { call } = nodes
  return {
    chainId: async () => toNumber(await call('eth_chainId', [])),
    hasCode: async (address) => String(await call('eth_getCode', [address, 'latest'])).length > 2,
    async head() {
      const block = toBlock(await call('eth_getBlockByNumber', ['latest', false]))
      if (block === undefined)
        throw new Nodes.RefusedError('eth_getBlockByNumber', 'no latest block')
      return block
    },
    block: async (number) => toBlock(await call('eth_getBlockByNumber', [toHex(number), false])),
    async finalizedNumber() {
      return toBlock(await call('eth_getBlockByNumber', ['finalized', false]))?.number
    },
    async agreement(number, hash) {
      const answers = await nodes.askEach('eth_getBlockByNumber', [toHex(number), false])
      const hashes = answers.map((answer) => toBlock(answer)?.hash)
      return { agreeing: hashes.filter((other) => other === hash).length, nodes: hashes.length }
    },
    logs: async (blockHash, address) => toLogs(await call('eth_getLogs', [{ blockHash, address }])),
    async logsBetween(from, to, { address, topics }) {
      const range = { fromBlock: toHex(from), toBlock: toHex(to) }
      return toLogs(await call('eth_getLogs', [{ ...range, address, topics: [topics] }]))
    },
    async calldata(transactionHash) {
      const answer = await call('eth_getTransactionByHash', [transactionHash])
      if (!isRecord(answer)) return undefined
      return Buffer.from(String(answer['input']).slice(2), 'hex')
    },
    async calls(calls, blockNumber) {
      const answers = await nodes.ask(
        calls.map(({ to, data }) => ({
          method: 'eth_call',
          params: [{ to, data: toText(data) }, toHex(blockNumber)],
        })),
      )
      return answers.map((answer) => ('error' in answer ? undefined : String(answer.result)))
    },
    estimateGas: async ({ from, to, data }) =>
      toNumber(await call('eth_estimateGas', [{ from, to, data: toText(data) }])),
    async receipt(transactionHash) {
      const answer = await call('eth_getTransactionReceipt', [transactionHash])
      if (!isRecord(answer) || typeof answer['blockHash'] !== 'string') return undefined
      return {
        blockNumber: toNumber(answer['blockNumber']),
        blockHash: answer['blockHash'],
        succeeded: answer['status'] === '0x1',
        logs: toLogs(answer['logs']),
      }
    },
    transactionCount: async (address) =>
      toNumber(await call('eth_getTransactionCount', [address, 'latest'])),
    send: (raws) => nodes.send(raws.map(toText)),
  }
}

function toBlock(answer: unknown): Block | undefined {
  if (!isRecord(answer) || typeof answer['hash'] !== 'string') return undefined
  const { transactions } = answer
  return {
    number: toNumber(answer['number']),
    hash: answer['hash'],
    parentHash: String(answer['parentHash']),
    gasLimit: toNumber(answer['gasLimit']),
    transactions: Array.isArray(transactions) ? transactions.map(String) : [],
  }
}

function toLogs(answer: unknown): Log[] {
  if (!Array.isArray(answer)) return []
  return answer.filter(isRecord).map((log) => ({
    transactionHash: String(log['transactionHash']),
    topics: Array.isArray(log['topics']) ? log['topics'].map(String) : [],
    data: String(log['data']),
  }))
}

function toNumber(hex: unknown): number {
  const value = Number(hex)
  if (typeof hex !== 'string' || !Number.isSafeInteger(value)) {
    throw new TypeError(`A node answered ${JSON.stringify(hex)} where a number belongs.`)
  }
  return value
}

function toText(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

function toHex(number: number): string {
  return `0x${number.toString(16)}`
}

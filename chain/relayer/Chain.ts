import * as Contract from '../../scenarios/ballots/Contract.ts'

/** A block as the relayer needs it; hashes in lower-case hex. */
export type Block = {
  number: number
  hash: string
  parentHash: string
  gasLimit: number
  /** Hashes of its transactions, in order. */
  transactions: string[]
}

/** An event of the BallotBox. */
export type Log = { transactionHash: string; topics: string[]; data: string }

/** Where a transaction was mined, and how it went. */
export type Receipt = {
  blockNumber: number
  blockHash: string
  succeeded: boolean
  logs: Log[]
}

/** What a node said to a transaction: nothing against it, or why not. */
export type Sent = { accepted: true } | { accepted: false; reason: string }

/**
 * The chain as functions over JSON-RPC. Reads go to one node as long as it answers, so that the
 * blocks seen belong to one chain; the next node takes over when it does not.
 *
 * All of them throw {@link UnreachableError} where no node answers in time, and {@link RefusedError}
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
  /** The BallotBox' events in the block with this hash. */
  logs(blockHash: string): Promise<Log[]>
  receipt(transactionHash: string): Promise<Receipt | undefined>
  /** Transactions of the account that are in blocks: the lowest nonce that is missing. */
  transactionCount(address: string): Promise<number>
  /** Hands a signed transaction to the first node that takes it. */
  send(raw: Uint8Array): Promise<Sent>
}

/** A node on the same machine answers in milliseconds; one that stands still must not cost a lease. */
const TIMEOUT_MS = 2000

/** Answers that mean that the node has the transaction already, in its pool or in a block. */
const HAS_IT = /already known|known transaction|already imported|already exists|nonce too low/i

type Call = (method: string, params: readonly unknown[]) => Promise<unknown>

/** Connects to nothing yet; each call is a request of its own over a kept-alive connection. */
export function create(options: { rpcUrls: readonly string[]; ballotBox: string }): Chain {
  const nodes: Call[] = options.rpcUrls.map(
    (url) => (method, params) => request(url, method, params),
  )
  let primary = 0

  /** Asks the node that answered last, then each other one once. */
  const call: Call = async (method, params) => {
    let cause: unknown
    for (let tried = 0; tried < nodes.length; tried += 1) {
      try {
        return await nodes[primary]?.(method, params)
      } catch (error) {
        if (error instanceof RefusedError) throw error
        cause = error
        primary = (primary + 1) % nodes.length
      }
    }
    throw new UnreachableError(options.rpcUrls, cause)
  }

  return {
    chainId: async () => toNumber(await call('eth_chainId', [])),
    hasCode: async (address) => String(await call('eth_getCode', [address, 'latest'])).length > 2,
    async head() {
      const block = toBlock(await call('eth_getBlockByNumber', ['latest', false]))
      if (block === undefined) throw new RefusedError('eth_getBlockByNumber', 'no latest block')
      return block
    },
    block: async (number) => toBlock(await call('eth_getBlockByNumber', [toHex(number), false])),
    async finalizedNumber() {
      return toBlock(await call('eth_getBlockByNumber', ['finalized', false]))?.number
    },
    async agreement(number, hash) {
      const hashes = await Promise.all(
        nodes.map(async (ask) => {
          const answer = await ask('eth_getBlockByNumber', [toHex(number), false]).catch(() => null)
          return toBlock(answer)?.hash
        }),
      )
      return { agreeing: hashes.filter((other) => other === hash).length, nodes: nodes.length }
    },
    async logs(blockHash) {
      const answer = await call('eth_getLogs', [{ blockHash, address: options.ballotBox }])
      return toLogs(answer)
    },
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
    send: (raw) => sendToAny(nodes, primary, raw),
  }
}

/** The events of the BallotBox that the relayer reads, by their first topic. */
export const TOPICS = {
  batchCast: topicOf('BatchCast'),
  ballotSkipped: topicOf('BallotSkipped'),
} as const

function topicOf(name: string): string {
  const event = Contract.ballotBox.getEvent(name)
  if (event === null) throw new TypeError(`The BallotBox has no event ${name}.`)
  return event.topicHash
}

/** A refusal by one node may be that node's own trouble (a full pool), so each is asked once. */
async function sendToAny(nodes: readonly Call[], first: number, raw: Uint8Array): Promise<Sent> {
  const hex = `0x${Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('hex')}`
  let reason = ''
  let cause: unknown
  for (let tried = 0; tried < nodes.length; tried += 1) {
    try {
      await nodes[(first + tried) % nodes.length]?.('eth_sendRawTransaction', [hex])
      return { accepted: true }
    } catch (error) {
      if (!(error instanceof RefusedError)) cause = error
      else if (HAS_IT.test(error.reason)) return { accepted: true }
      else reason = error.reason
    }
  }
  if (reason !== '') return { accepted: false, reason }
  throw new UnreachableError([`${nodes.length} nodes`], cause)
}

async function request(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer: unknown = await response.json()
  if (!isRecord(answer)) throw new TypeError(`${method}: the answer is no JSON-RPC`)
  const { error } = answer
  if (isRecord(error)) throw new RefusedError(method, String(error['message']))
  return answer['result']
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
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

function toHex(number: number): string {
  return `0x${number.toString(16)}`
}

export class UnreachableError extends Error {
  override readonly name = 'Chain.UnreachableError'
  readonly code = 'CHAIN_UNREACHABLE'
  constructor(rpcUrls: readonly string[], cause: unknown) {
    super(`No node answers (${rpcUrls.join(', ')}). The relayer goes on as soon as one does.`, {
      cause,
    })
  }
}

export class RefusedError extends Error {
  override readonly name = 'Chain.RefusedError'
  readonly code = 'CHAIN_REFUSED'
  readonly reason: string
  constructor(method: string, reason: string) {
    super(`The node refused ${method}: ${reason}.`)
    this.reason = reason
  }
}

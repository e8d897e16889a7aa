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
  /** A contract's events in the block with this hash. */
  logs(blockHash: string, address: string): Promise<Log[]>
  /** What contracts answer after a block; `undefined` in the place of one that answers nothing. */
  calls(calls: readonly ContractCall[], blockNumber: number): Promise<(string | undefined)[]>
  /** Gas that a call would take now. */
  estimateGas(call: ContractCall & { from: string }): Promise<number>
  receipt(transactionHash: string): Promise<Receipt | undefined>
  /** Transactions of the account that are in blocks: the lowest nonce that is missing. */
  transactionCount(address: string): Promise<number>
  /** Hands signed transactions, in their order, each to the first node that takes it. */
  send(raws: readonly Uint8Array[]): Promise<Sent[]>
}

/** A call that reads; the address is lower-case hex. */
export type ContractCall = { to: string; data: Uint8Array }

/** A node on the same machine answers in milliseconds; one that stands still must not cost a lease. */
const TIMEOUT_MS = 2000

/** Answers that mean that the node has the transaction already, in its pool or in a block. */
const HAS_IT = /already known|known transaction|already imported|already exists|nonce too low/i

/** Calls in one request: ten times fewer than nodes take. */
const BATCH_CALLS_MAX = 100

/** Characters of transactions in one request: nodes take 5 MiB, and must answer in time. */
const BATCH_CHARACTERS_MAX = 1 << 20

type Request = { method: string; params: readonly unknown[] }

/** What a node said to one request of a batch. */
type Answer = { result: unknown } | { error: RefusedError }

/** A node: answers as many requests as it was asked, in their order. */
type Node = (requests: readonly Request[]) => Promise<Answer[]>

/** Connects to nothing yet; connections are kept alive. */
export function create(options: { rpcUrls: readonly string[] }): Chain {
  const nodes: Node[] = options.rpcUrls.map((url) => (requests) => ask(url, requests))
  let primary = 0

  /** Asks the node that answered last, then each other one once. */
  async function askAny(requests: readonly Request[]): Promise<Answer[]> {
    let cause: unknown
    for (let tried = 0; tried < nodes.length; tried += 1) {
      try {
        return (await nodes[primary]?.(requests)) ?? []
      } catch (error) {
        cause = error
        primary = (primary + 1) % nodes.length
      }
    }
    throw new UnreachableError(options.rpcUrls, cause)
  }

  async function call(method: string, params: readonly unknown[]): Promise<unknown> {
    const [answer] = await askAny([{ method, params }])
    if (answer === undefined) throw new RefusedError(method, 'no answer')
    if ('error' in answer) throw answer.error
    return answer.result
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
        nodes.map(async (node) => {
          const params = [toHex(number), false]
          const answers = await node([{ method: 'eth_getBlockByNumber', params }]).catch(() => [])
          const [answer] = answers
          return answer === undefined || 'error' in answer ? undefined : toBlock(answer.result)?.hash
        }),
      )
      return { agreeing: hashes.filter((other) => other === hash).length, nodes: nodes.length }
    },
    logs: async (blockHash, address) =>
      toLogs(await call('eth_getLogs', [{ blockHash, address }])),
    async calls(calls, blockNumber) {
      const results: (string | undefined)[] = []
      for (let start = 0; start < calls.length; start += BATCH_CALLS_MAX) {
        const requests = calls.slice(start, start + BATCH_CALLS_MAX).map(({ to, data }) => ({
          method: 'eth_call',
          params: [{ to, data: toText(data) }, toHex(blockNumber)],
        }))
        for (const answer of await askAny(requests)) {
          results.push('error' in answer ? undefined : String(answer.result))
        }
      }
      return results
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
    async send(raws) {
      const sent: Sent[] = []
      for (const part of inParts(raws.map(toText))) {
        sent.push(...(await sendToAny(nodes, primary, part)))
      }
      return sent
    },
  }
}

/** Cuts texts, in their order, into parts that one request holds. */
function inParts(texts: readonly string[]): string[][] {
  const parts: string[][] = []
  let size = 0
  for (const text of texts) {
    const last = parts.at(-1)
    const hasRoom = last !== undefined && last.length < BATCH_CALLS_MAX
    if (hasRoom && size + text.length <= BATCH_CHARACTERS_MAX) last.push(text)
    else parts.push([text])
    size = parts.at(-1)?.length === 1 ? text.length : size + text.length
  }
  return parts
}

/** A refusal by one node may be that node's own trouble (a full pool), so each is asked once. */
async function sendToAny(
  nodes: readonly Node[],
  first: number,
  texts: readonly string[],
): Promise<Sent[]> {
  const sent: (Sent | undefined)[] = texts.map(() => undefined)
  let cause: unknown
  for (let tried = 0; tried < nodes.length; tried += 1) {
    const open = texts.flatMap((text, index) => (sent[index]?.accepted === true ? [] : [{ text, index }]))
    if (open.length === 0) break
    try {
      const answers = await nodes[(first + tried) % nodes.length]?.(
        open.map(({ text }) => ({ method: 'eth_sendRawTransaction', params: [text] })),
      )
      open.forEach(({ index }, place) => (sent[index] = toSent(answers?.[place])))
    } catch (error) {
      cause = error
    }
  }
  return sent.map((each) => {
    if (each === undefined) throw new UnreachableError([`${nodes.length} nodes`], cause)
    return each
  })
}

function toSent(answer: Answer | undefined): Sent {
  if (answer === undefined) return { accepted: false, reason: 'no answer' }
  if (!('error' in answer) || HAS_IT.test(answer.error.reason)) return { accepted: true }
  return { accepted: false, reason: answer.error.reason }
}

/** One request, or a batch of them. @throws where the node does not answer, or answers nonsense. */
async function ask(url: string, requests: readonly Request[]): Promise<Answer[]> {
  const bodies = requests.map((request, id) => ({ jsonrpc: '2.0', id, ...request }))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(bodies.length === 1 ? bodies[0] : bodies),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer: unknown = await response.json()
  const answers = (Array.isArray(answer) ? answer : [answer]).filter(isRecord)
  const byId = new Map(answers.map((each) => [Number(each['id']), each]))
  return requests.map(({ method }, id) => {
    const own = byId.get(id) ?? (requests.length === 1 ? answers[0] : undefined)
    if (own === undefined) throw new TypeError(`${method}: the answer is no JSON-RPC`)
    const { error, result } = own
    return isRecord(error)
      ? { error: new RefusedError(method, String(error['message'])) }
      : { result }
  })
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

function toText(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
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

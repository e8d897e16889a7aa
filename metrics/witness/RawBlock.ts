import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'

import { RpcError, type Rpc } from '../rpc/Rpc.ts'

const Quantity = Type.String({ pattern: '^0x[0-9a-f]{1,16}$' })
const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' })
const Bytes = Type.String({ pattern: '^0x[0-9a-fA-F]*$' })

const TransactionSchema = Type.Object({
  hash: Hash,
  to: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  input: Bytes,
})

const LogSchema = Type.Object({
  address: Type.String(),
  topics: Type.Array(Hash, { maxItems: 4 }),
  data: Bytes,
  transactionHash: Hash,
})

const HeaderSchema = Type.Object({ number: Quantity, hash: Hash, parentHash: Hash })

const BlockSchema = Type.Object({
  ...HeaderSchema.properties,
  timestamp: Quantity,
  gasUsed: Quantity,
  gasLimit: Quantity,
  size: Type.Optional(Quantity),
  transactions: Type.Array(TransactionSchema),
})

const checks = {
  header: Compile(Type.Union([HeaderSchema, Type.Null()])),
  block: Compile(Type.Union([BlockSchema, Type.Null()])),
  logs: Compile(Type.Array(LogSchema)),
}

type Log = Static<typeof LogSchema>

/** A block with its transactions and the logs of our contracts, as a node tells it. */
export type RawBlock = Static<typeof BlockSchema> & { logs: Log[] }

/** What a block is known by. */
export type Header = { number: number; hash: string }

/**
 * Reads a block in two questions, whatever is in it: the block with its transactions, and by the
 * block's hash (the block of that number may be another one by then) the logs of those of our
 * contracts to which it has a transaction.
 *
 * @param addresses - our contracts, lower-case hex.
 * @returns `undefined` where the node has no such block yet.
 * @throws {RpcError}
 */
export async function read(
  node: Rpc,
  number: number,
  addresses: ReadonlySet<string>,
): Promise<RawBlock | undefined> {
  const [answer] = await node.ask([blockCall(number, true)])
  if (!checks.block.Check(answer)) throw new RpcError('malformed', node.url, 'no block')
  if (answer === null) return undefined
  if (Number(answer.number) !== number) {
    throw new RpcError('malformed', node.url, `block ${answer.number} instead of ${number}`)
  }
  const called = answer.transactions.map(({ to }) => to?.toLowerCase() ?? '')
  const concerned = new Set(called.filter((to) => addresses.has(to)))
  const logs = concerned.size === 0 ? [] : await readLogs(node, answer.hash, concerned)
  return { ...answer, logs }
}

async function readLogs(
  node: Rpc,
  blockHash: string,
  addresses: ReadonlySet<string>,
): Promise<Log[]> {
  const filter = { blockHash, address: [...addresses] }
  const [logs] = await node.ask([{ method: 'eth_getLogs', params: [filter] }])
  if (!checks.logs.Check(logs)) throw new RpcError('malformed', node.url, 'no logs')
  return logs.filter(({ address }) => addresses.has(address.toLowerCase()))
}

/**
 * The blocks at some heights, by name only; `undefined` where the node has none.
 *
 * @param numbers - heights, or the tag `finalized`.
 * @throws {RpcError}
 */
export async function readHeaders(
  node: Rpc,
  numbers: readonly (number | 'finalized')[],
): Promise<(Header | undefined)[]> {
  const answers = await node.ask(numbers.map((number) => blockCall(number, false)))
  return answers.map((answer) => header(node, answer))
}

/**
 * The node's height, and the block that it has at `number`.
 *
 * @throws {RpcError}
 */
export async function probe(
  node: Rpc,
  number: number,
): Promise<{ height: number; header: Header | undefined }> {
  const calls = [{ method: 'eth_blockNumber', params: [] }, blockCall(number, false)]
  const [height, block] = await node.ask(calls)
  if (typeof height !== 'string' || !Number.isSafeInteger(Number(height))) {
    throw new RpcError('malformed', node.url, 'no height')
  }
  return { height: Number(height), header: header(node, block) }
}

function header(node: Rpc, answer: unknown): Header | undefined {
  if (!checks.header.Check(answer)) throw new RpcError('malformed', node.url, 'no header')
  return answer === null ? undefined : { number: Number(answer.number), hash: answer.hash }
}

function blockCall(number: number | 'finalized', full: boolean) {
  const tag = typeof number === 'number' ? `0x${number.toString(16)}` : number
  return { method: 'eth_getBlockByNumber', params: [tag, full] }
}

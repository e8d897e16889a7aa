import { Type } from 'typebox'
import { Compile } from 'typebox/compile'

import { RpcError, type Rpc } from '../rpc/Rpc.ts'

const Schema = Type.Object({
  number: Type.String({ pattern: '^0x[0-9a-f]{1,16}$' }),
  hash: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
})
const check = Compile(Type.Union([Schema, Type.Null()]))

/** What a block is known by, as a node tells it; nothing of it is recomputed. */
export type Header = { number: number; hash: string }

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
  const answers = await node.ask(numbers.map((number) => blockCall(number)))
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
  const calls = [{ method: 'eth_blockNumber', params: [] }, blockCall(number)]
  const [height, block] = await node.ask(calls)
  if (typeof height !== 'string' || !Number.isSafeInteger(Number(height))) {
    throw new RpcError('malformed', node.url, 'no height')
  }
  return { height: Number(height), header: header(node, block) }
}

function header(node: Rpc, answer: unknown): Header | undefined {
  if (!check.Check(answer)) throw new RpcError('malformed', node.url, 'no header')
  return answer === null ? undefined : { number: Number(answer.number), hash: answer.hash }
}

function blockCall(number: number | 'finalized') {
  const tag = typeof number === 'number' ? `0x${number.toString(16)}` : number
  return { method: 'eth_getBlockByNumber', params: [tag, false] }
}

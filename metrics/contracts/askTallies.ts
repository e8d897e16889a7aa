import type { Interface } from 'ethers'

import { RpcError, type Rpc } from '../rpc/Rpc.ts'
import type { Tallies, TallyPlace } from './Decoder.ts'

/** Polls in one question. */
const POLLS_PER_QUESTION = 200

/** Asks a contract for the result of each poll by one of its functions, which takes a poll's number. */
export async function askTallies(
  node: Rpc,
  pollIds: readonly number[],
  { wire, method, contracts, block }: TallyPlace & { wire: Interface; method: string },
): Promise<Tallies> {
  const tallies: Tallies = new Map()
  for (let from = 0; from < pollIds.length; from += POLLS_PER_QUESTION) {
    const part = pollIds.slice(from, from + POLLS_PER_QUESTION)
    const calls = part.map((pollId) => {
      const data = wire.encodeFunctionData(method, [pollId])
      const params = [{ to: contracts.main, data }, `0x${block.toString(16)}`]
      return { method: 'eth_call', params }
    })
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    const answers = await node.ask(calls).catch(unanswered)
    part.forEach((pollId, index) => {
      tallies.set(pollId, numbersIn(wire, method, answers[index]))
    })
  }
  return tallies
}

/** A node that cannot execute tells no result; that is said, and is no breach. */
function unanswered(error: unknown): unknown[] {
  if (error instanceof RpcError) return []
  throw error
}

/** Undefined where the answer is none. */
function numbersIn(wire: Interface, method: string, answer: unknown): number[] | undefined {
  if (typeof answer !== 'string') return undefined
  try {
    const [result]: unknown[] = wire.decodeFunctionResult(method, answer).toArray(true)
    return (Array.isArray(result) ? result : [result]).map(Number)
  } catch {
    return undefined
  }
}

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { ballotBox } from '../../scenarios/ballots/Contract.ts'

/** What the chain counted for each option, in their order, as of a block. */
export type Tally = { votes: number[]; blockNumber: number }

export type Options = {
  rpcUrl: string
  /** The BallotBox, `0x` and 40 hex digits. */
  ballotBox: string
  pollId: number
  /** Unix seconds. */
  sealsAt: number
}

/** A node that takes longer than this is of no use to somebody who waits for a page. */
const NODE_TIMEOUT_MS = 3000

const BlockAnswer = Type.Object({
  result: Type.Object({ number: Type.String(), timestamp: Type.String() }),
})
const CallAnswer = Type.Object({ result: Type.String({ pattern: '^0x[0-9a-f]+$' }) })

/**
 * Reads the tally of a sealed poll from the chain. It is sealed once a block later than `sealsAt`
 * exists: no later block can change it.
 *
 * @returns `undefined` while the chain has no such block.
 * @throws {UnreachableError} where the node does not answer, or answers nonsense.
 */
export async function read(options: Options): Promise<Tally | undefined> {
  try {
    const latest = await request(options.rpcUrl, 'eth_getBlockByNumber', ['latest', false])
    const block = Value.Parse(BlockAnswer, latest).result
    if (Number(block.timestamp) <= options.sealsAt) return undefined
    const data = ballotBox.encodeFunctionData('tally', [options.pollId])
    const call = await request(options.rpcUrl, 'eth_call', [
      { to: options.ballotBox, data },
      block.number,
    ])
    const { result } = Value.Parse(CallAnswer, call)
    const [votes] = ballotBox.decodeFunctionResult('tally', result).toArray()
    return { votes: [...votes].map(Number), blockNumber: Number(block.number) }
  } catch (cause) {
    throw new UnreachableError(options.rpcUrl, cause)
  }
}

async function request(rpcUrl: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    redirect: 'error',
    signal: AbortSignal.timeout(NODE_TIMEOUT_MS),
  })
  return response.json()
}

export class UnreachableError extends Error {
  override readonly name = 'Tally.UnreachableError'
  readonly code = 'CHAIN_UNREACHABLE'
  constructor(rpcUrl: string, cause: unknown) {
    super(`The node at ${rpcUrl} gave no tally. Check that it runs and knows the contract.`, {
      cause,
    })
  }
}

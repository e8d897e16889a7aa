import { Type } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import { ballotBox as contract } from '../../scenarios/ballots/Contract.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import * as Ballots from '../database/Ballots.ts'
import type * as Pool from '../database/Pool.ts'

/** The votes for each option, in their order, and the block as of which a chain was read. */
export type Tally = { votes: number[]; blockNumber?: number | undefined }

/** A poll whose result is asked for. */
type Poll = {
  pollId: number
  options: readonly string[]
  /** Unix seconds. */
  sealsAt: number
}

/**
 * Reads the result of a poll that is over by our clock; `undefined` where it may still change.
 *
 * @throws {UnreachableError} or Pool.UnreachableError where no answer comes.
 */
export type Read = (poll: Poll) => Promise<Tally | undefined>

/** A node that takes longer than this is of no use to somebody who waits for a page. */
const TRANSPORT = { timeoutMs: 3000 } as const

const Block = Type.Object({ number: Type.String(), timestamp: Type.String() })

/**
 * The tally as the BallotBox has it. A poll is sealed once a block later than `sealsAt` exists: no
 * later block can change it.
 */
export function fromChain({ rpcUrl, ballotBox }: { rpcUrl: string; ballotBox: string }): Read {
  return async ({ pollId, sealsAt }) => {
    try {
      const latest = { method: 'eth_getBlockByNumber', params: ['latest', false] }
      const block = await Rpc.call(rpcUrl, latest, Block, TRANSPORT)
      if (Number(block.timestamp) <= sealsAt) return undefined
      const data = contract.encodeFunctionData('tally', [pollId])
      const call = { method: 'eth_call', params: [{ to: ballotBox, data }, block.number] }
      const result = await Rpc.call(rpcUrl, call, Rpc.Quantity, TRANSPORT)
      const [votes] = contract.decodeFunctionResult('tally', result).toArray()
      return { votes: [...votes].map(Number), blockNumber: Number(block.number) }
    } catch (cause) {
      throw new UnreachableError(rpcUrl, cause)
    }
  }
}

/** Voters counted by one statement, along the index: some 0.3 s of the 3 that a statement has. */
const VOTERS_PER_STATEMENT = 250_000

/**
 * The database's own count, where it is the record. A sealed poll takes no ballot any more, so each
 * is counted once and kept.
 */
export function fromDatabase(pool: Pool.Pool): Read {
  const known = new Map<number, Tally>()
  return async ({ pollId, options }) => {
    const kept = known.get(pollId)
    if (kept !== undefined) return kept
    const votes = options.map(() => 0)
    const last = await Ballots.highestVoter(pool, pollId)
    for (let first = 0; first <= last; first += VOTERS_PER_STATEMENT) {
      const voters = { first, end: first + VOTERS_PER_STATEMENT }
      for (const { choice, count } of await Ballots.countChoices(pool, pollId, voters)) {
        votes[choice] = (votes[choice] ?? 0) + count
      }
    }
    const tally = { votes }
    known.set(pollId, tally)
    return tally
  }
}

/** The node that the API asks for a tally gives none. */
export class UnreachableError extends BallotstormError {
  override readonly name = 'Tally.UnreachableError'
  readonly code = 'CHAIN_UNREACHABLE'
  readonly exitCode = 107
  readonly remedy = 'Check that the node runs and knows the contract.'
  constructor(rpcUrl: string, cause: unknown) {
    super(`The node at ${rpcUrl} gave no tally.`, {
      cause,
    })
  }
}

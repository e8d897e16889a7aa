import { AbiCoder, type Interface } from 'ethers'

import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import { RpcError, type Call, type Rpc } from '../rpc/Rpc.ts'
import { numberOf } from './numberOf.ts'

/** Something in a question's state at a block's parent, and at the block. */
export type Change<Value> = { before: Value; after: Value }

/** What is asked of a PollQuestion; a key has a character for each byte. */
export type Query = { address: string; userKeys: readonly string[] }

export type State = {
  voterCount: Change<number>
  /** The options that stand for each key, in the order of the keys; none where it has not voted. */
  votes: Change<number[]>[]
}

/** Questions in one request: half a second's work for a busy node, and below every node's limit. */
const CALLS_MAX = 200

/**
 * Reads the state by the blocks' hashes, so that a reorganisation in between cannot mix two chains.
 *
 * @throws {RpcError}
 */
export async function read(
  node: Rpc,
  block: { hash: string; parentHash: string },
  { address, userKeys }: Query,
): Promise<State> {
  const data = [SELECTORS.voterCount, ...userKeys.map(voteOf)]
  const at = [block.parentHash, block.hash]
  const calls = at.flatMap((blockHash) => data.map((one) => call(address, one, blockHash)))
  const answers = await askAll(node, calls)
  const before = answers.slice(0, data.length)
  const after = answers.slice(data.length)
  return {
    voterCount: {
      before: decodeBefore(before[0], 0, (one) => voterCountOf(node, one)),
      after: voterCountOf(node, after[0]),
    },
    votes: userKeys.map((_, index) => ({
      before: decodeBefore(before[index + 1], [], (one) => optionsOf(node, one)),
      after: optionsOf(node, after[index + 1]),
    })),
  }
}

async function askAll(node: Rpc, calls: readonly Call[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (let first = 0; first < calls.length; first += CALLS_MAX) {
    answers.push(...(await node.ask(calls.slice(first, first + CALLS_MAX))))
  }
  return answers
}

/** Before its own creation a question answers nothing. */
function decodeBefore<Value>(
  answer: unknown,
  missing: Value,
  valueOf: (answer: unknown) => Value,
): Value {
  return answer === '0x' ? missing : valueOf(answer)
}

function voterCountOf(node: Rpc, answer: unknown): number {
  const [voterCount] = decode(node, 'VoterCount', answer)
  return numberOf(voterCount)
}

function optionsOf(node: Rpc, answer: unknown): number[] {
  const [options] = decode(node, 'VoteOfUser', answer)
  return Array.from<bigint>(options).map((option) => numberOf(option))
}

/** Asks by the key's bytes, which need not be text. */
function voteOf(userKey: string): string {
  const key = Buffer.from(userKey, 'latin1')
  return SELECTORS.voteOfUser + AbiCoder.defaultAbiCoder().encode(['bytes'], [key]).slice(2)
}

const SELECTORS = {
  voterCount: ActiveCitizen2017.question.getFunction('VoterCount')?.selector ?? '',
  voteOfUser: ActiveCitizen2017.question.getFunction('VoteOfUser')?.selector ?? '',
} as const

function decode(
  node: Rpc,
  name: string,
  answer: unknown,
): ReturnType<Interface['decodeFunctionResult']> {
  try {
    return ActiveCitizen2017.question.decodeFunctionResult(name, String(answer))
  } catch {
    throw new RpcError('malformed', node.url, `no answer to ${name}`)
  }
}

function call(to: string, data: string, blockHash: string): Call {
  return { method: 'eth_call', params: [{ to, data }, { blockHash }] }
}

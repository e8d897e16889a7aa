import type { Interface } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import { UnansweredError } from './WorkerPool.ts'

/** A question behind a Root, as a node tells it: a claim until the blocks confirm it. */
export type Question = {
  address: string
  version: number
  /** The Root's own number of the poll, in decimal, and where the poll stands. */
  poll: string
  pollAddress: string
  name: string
  options: string[]
}

/**
 * Finds the questions behind a Root, in its order and that of each poll.
 *
 * @throws {UnansweredError} where something on the way gives no such answer.
 * @throws {Rpc.RpcError}
 */
export async function findQuestions(node: Rpc.Rpc, root: string): Promise<Question[]> {
  const call = caller(node)
  const [ids] = await call(root, ActiveCitizen2017.root, 'getAllPollIds')
  const questions: Question[] = []
  for (const id of list(ids)) {
    // oxlint-disable-next-line no-await-in-loop -- polls in their order
    const [pollAddress] = await call(root, ActiveCitizen2017.root, 'getAddress', id)
    const poll = String(pollAddress).toLowerCase()
    // oxlint-disable-next-line no-await-in-loop -- polls in their order
    const [addresses] = await call(poll, ActiveCitizen2017.poll, 'QuestionsAddress')
    for (const address of list(addresses)) {
      // oxlint-disable-next-line no-await-in-loop -- questions in their order
      const question = await read(node, String(address).toLowerCase())
      questions.push({ ...question, poll: String(id), pollAddress: poll })
    }
  }
  return questions
}

/** The result that a question tells: votes by option, and how many voters. */
export async function readResult(
  node: Rpc.Rpc,
  { address, version }: Pick<Question, 'address' | 'version'>,
  block: number,
): Promise<{ results: number[]; voterCount: number }> {
  const call = caller(node, `0x${block.toString(16)}`)
  const [[results], [voterCount]] = await Promise.all([
    call(address, ActiveCitizen2017.question, 'ResultsByVersion', version),
    call(address, ActiveCitizen2017.question, 'VoterCount'),
  ])
  return { results: list(results).map(Number), voterCount: Number(voterCount) }
}

async function read(
  node: Rpc.Rpc,
  address: string,
): Promise<Pick<Question, 'address' | 'version' | 'name' | 'options'>> {
  const call = caller(node)
  const [[version], [results]] = await Promise.all([
    call(address, ActiveCitizen2017.question, 'CurrentVersion'),
    call(address, ActiveCitizen2017.question, 'CurrentVersionResults'),
  ])
  const [answers] = await call(address, ActiveCitizen2017.question, 'AnswersByVersion', version)
  const labels = labelsIn(String(answers))
  const options = list(results).map((_, index) => labels[index] ?? `option ${index}`)
  return { address, version: Number(version), name: `question ${address}`, options }
}

/** Labels written as a JSON list; others are not guessed at. */
function labelsIn(answers: string): string[] {
  try {
    const value: unknown = JSON.parse(answers)
    return Value.Check(Type.Array(Type.String()), value) ? value : []
  } catch {
    return []
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function caller(node: Rpc.Rpc, block = 'latest') {
  return async (
    to: string,
    wire: Interface,
    method: string,
    ...args: unknown[]
  ): Promise<unknown[]> => {
    const data = wire.encodeFunctionData(method, args)
    const [answer] = await node.ask([{ method: 'eth_call', params: [{ to, data }, block] }])
    try {
      return wire.decodeFunctionResult(method, String(answer)).toArray(true)
    } catch {
      throw new UnansweredError(`${node.name}: ${to} does not answer ${method} as in 2017.`)
    }
  }
}

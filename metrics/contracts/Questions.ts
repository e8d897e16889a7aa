import type { Interface } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import { RpcError, type Rpc } from '../rpc/Rpc.ts'
import type { FoundQuestion, Tallies, TallyPlace } from './Decoder.ts'

/**
 * Finds the questions behind a Root, in its order and that of each poll.
 *
 * @throws {RpcError} also where something on the way gives no such answer.
 */
export async function find(node: Rpc, root: string): Promise<FoundQuestion[]> {
  const call = caller(node)
  const [ids] = await call(root, ActiveCitizen2017.root, 'getAllPollIds')
  const questions: FoundQuestion[] = []
  for (const id of list(ids)) {
    // oxlint-disable-next-line no-await-in-loop -- polls in their order
    const [pollAddress] = await call(root, ActiveCitizen2017.root, 'getAddress', id)
    const poll = String(pollAddress).toLowerCase()
    // oxlint-disable-next-line no-await-in-loop -- polls in their order
    const [addresses] = await call(poll, ActiveCitizen2017.poll, 'QuestionsAddress')
    for (const address of list(addresses)) {
      // oxlint-disable-next-line no-await-in-loop -- questions in their order
      const question = await read(node, String(address).toLowerCase())
      const pollId = questions.length + 1
      questions.push({ ...question, pollId, poll: String(id), pollAddress: poll })
    }
  }
  return questions
}

/** The result that each question tells: votes by option, then how many voters. */
export async function readTallies(node: Rpc, { contracts, block }: TallyPlace): Promise<Tallies> {
  const call = caller(node, `0x${block.toString(16)}`)
  const tallies: Tallies = new Map()
  for (const { pollId, address, version } of contracts.questions) {
    const asked = Promise.all([
      call(address, ActiveCitizen2017.question, 'ResultsByVersion', version),
      call(address, ActiveCitizen2017.question, 'VoterCount'),
    ])
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    const told = await asked.catch(() => undefined)
    tallies.set(pollId, told && [...list(told[0][0]), told[1][0]].map(Number))
  }
  return tallies
}

async function read(
  node: Rpc,
  address: string,
): Promise<Pick<FoundQuestion, 'address' | 'version' | 'name' | 'options'>> {
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

function caller(node: Rpc, block = 'latest') {
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
      throw new RpcError('malformed', node.url, `${to} does not answer ${method} as in 2017`)
    }
  }
}

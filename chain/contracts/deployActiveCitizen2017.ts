import type { Interface, Result } from 'ethers'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import { labelsOf } from './labelsOf.ts'
import * as Reader from './Reader.ts'
import * as Sender from './Sender.ts'

/** A deployed system of 2017; addresses and hashes in lower-case hex. */
export type ActiveCitizen2017Deployment = {
  chainId: number
  root: string
  /** One for each poll, in the given order. */
  questions: ActiveCitizen2017.Question[]
  /** Keccak-256 of the Root's deployed code. */
  codeHash: string
  /** Height at which everything stood; no vote lies in an earlier block. */
  blockNumber: number
  gasUsed: number
}

/** A question that stands behind a Root, with its current version and what that has counted. */
export type FoundQuestion = ActiveCitizen2017.Question & {
  /** The poll's number in the Root; `pollId` is the question's place, from 1. */
  foreignPollId: number
  /** Labels, one for each place in the results; "option 0" … where the answers cannot be split. */
  options: string[]
  results: number[]
  voterCount: number
}

/** What stands behind a Root and takes no vote of ours, and why. */
export type LeftOut = { name: string; reason: string }

/** What stands behind a Root. */
export type Found = {
  /** In the order of the Root, and of each poll. */
  questions: FoundQuestion[]
  /** In the same order. */
  leftOut: LeftOut[]
  /** Keccak-256 of the Root's code. */
  codeHash: string
  /** The first block whose votes are not in the results. */
  blockNumber: number
}

/**
 * Gas that a step may use: the creation of a contract (measured: 2.2M), an entry in the Root, and
 * each word of calldata that is stored. Nodes reserve it whole in a block, and a later step of the
 * account that still fits there is lost on anvil; so all steps until the next pause have the same.
 */
const GAS = { creation: 2_500_000, entry: 150_000, word: 28_000 }

const FIRST_VERSION = 1

/** A poll that is to be deployed. */
type NewPoll = { pollId: number; question: string; options: readonly string[] }

/**
 * Deploys a Root, and for each poll a Poll with one question, all owned by the deployer. Answers
 * are written as a JSON list. On a fresh chain the Root's address is {@link Sender.createdAddress}
 * of nonce 0.
 *
 * @param options - `bytecode`: of the artifacts `Root` and `Poll`.
 * @throws the errors of {@link Sender} and of {@link findQuestions}.
 */
export async function deployActiveCitizen2017(
  deployer: Sender.Deployer,
  options: { bytecode: { root: string; poll: string }; polls: readonly NewPoll[] },
): Promise<ActiveCitizen2017Deployment> {
  const { bytecode, polls } = options
  const sender = await Sender.create(deployer)
  const firstNonce = sender.nonce()
  const root = Sender.createdAddress(deployer.key, firstNonce)
  const entries = polls.map((poll, index) => {
    const address = Sender.createdAddress(deployer.key, firstNonce + 1 + index * 2)
    return { poll, address }
  })
  const steps = entries.flatMap(({ poll, address }) => stepsOf(poll, address, bytecode.poll))
  const gasLimit = GAS.creation + Math.max(0, ...steps.map(({ gasStoring }) => gasStoring))
  await sender.send({ name: 'deploy the Root', data: bytecode.root, gasLimit })
  for (const step of steps) await sender.send({ ...step, gasLimit })
  await sender.settle()
  for (const { poll, address } of entries) {
    const args = [poll.pollId, address]
    const data = ActiveCitizen2017.root.encodeFunctionData('pushAddress', args)
    const name = `list the poll "${poll.question}"`
    await sender.send({ name, to: root, data, gasLimit: GAS.entry })
  }
  await sender.settle()
  // No step reverts where the chain denies it, so what stands is looked up.
  const { questions, codeHash, blockNumber } = await findQuestions({ ...deployer, root })
  return {
    chainId: sender.chainId,
    root,
    questions: questions.map(({ foreignPollId: pollId, address, version }) => ({
      pollId,
      address,
      version,
    })),
    codeHash,
    blockNumber: blockNumber - 1,
    gasUsed: sender.gasUsed(),
  }
}

/** Creates a poll, which will stand at `address`, and its question. */
function stepsOf(
  { pollId, question, options }: NewPoll,
  address: string,
  bytecode: string,
): (Sender.Step & { gasStoring: number })[] {
  const wire = ActiveCitizen2017.poll
  const texts = wire.encodeDeploy([question, ''])
  const answerIds = options.map((_, index) => index + 1)
  const args = [pollId, FIRST_VERSION, question, JSON.stringify(options), answerIds]
  const data = wire.encodeFunctionData('addQuestion', args)
  return [
    {
      name: `deploy the poll "${question}"`,
      data: bytecode + texts.slice(2),
      gasStoring: gasToStore(texts),
    },
    {
      name: `add the question "${question}"`,
      to: address,
      data,
      gasStoring: gasToStore(data),
    },
  ]
}

/** Gas that storing calldata takes at most. */
function gasToStore(data: string): number {
  return Math.ceil(data.length / 64) * GAS.word
}

/** Polls that are asked about at once. */
const POLLS_AT_ONCE = 16

/**
 * Finds all questions behind a Root, whoever compiled and deployed it: by the interface of 2017
 * alone, everything at one height.
 *
 * @throws {NoContractError} where there is no contract, {@link Reader.NoAnswerError} where it is no
 * Root, or the node went away, {NumberTooLargeError} where a poll or version has a number of more than
 * 53 bits.
 */
export async function findQuestions(options: Reader.Node & { root: string }): Promise<Found> {
  const { root } = options
  if ((await Reader.code(options, root)) === '0x') throw new NoContractError(root, options.rpcUrl)
  const height = await Reader.height(options)
  const ask: Ask = (to, [wire, method], args = []) =>
    Reader.read(options, { to, wire, method, args, atBlock: height })
  const [pollIds] = await ask(root, [ActiveCitizen2017.root, 'getAllPollIds'])
  const all: bigint[] = [...pollIds]
  const found: Place[] = []
  for (let first = 0; first < all.length; first += POLLS_AT_ONCE) {
    const some = all.slice(first, first + POLLS_AT_ONCE)
    const places = await Promise.all(some.map((pollId) => placesOf(ask, root, pollId)))
    found.push(...places.flat())
  }
  // What a node that has gone did not tell is nobody's to leave out.
  await Reader.height(options)
  const questions = found.flatMap((place) => ('question' in place ? place.question : []))
  return {
    questions: questions.map((question, index) => ({ pollId: index + 1, ...question })),
    leftOut: found.flatMap((place) => ('leftOut' in place ? place.leftOut : [])),
    codeHash: await Sender.codeHash(options, root),
    blockNumber: height + 1,
  }
}

type Ask = (to: string, of: [Interface, string], args?: readonly unknown[]) => Promise<Result>

type Place = { question: Omit<FoundQuestion, 'pollId'> } | { leftOut: LeftOut }

/** Votes name options by their places: fewer leave nothing to choose. */
const OPTIONS_MIN = 2

async function placesOf(ask: Ask, root: string, pollId: bigint): Promise<Place[]> {
  const [address] = await ask(root, [ActiveCitizen2017.root, 'getAddress'], [pollId])
  const name = `poll ${pollId} (${String(address).toLowerCase()})`
  const told = await ask(address, [ActiveCitizen2017.poll, 'QuestionsAddress']).catch(noAnswer)
  if (told === undefined) return [{ leftOut: { name, reason: 'it is no poll of 2017' } }]
  const questions: string[] = [...told[0]]
  if (questions.length === 0) return [{ leftOut: { name, reason: 'it has no question' } }]
  return Promise.all(questions.map((one) => placeAt(ask, one.toLowerCase(), pollId)))
}

async function placeAt(ask: Ask, address: string, pollId: bigint): Promise<Place> {
  const name = `question ${address} of poll ${pollId}`
  const question = await questionAt(ask, address, pollId).catch(noAnswer)
  if (question === undefined) return { leftOut: { name, reason: 'it is no question of 2017' } }
  const count = question.options.length
  if (count >= OPTIONS_MIN) return { question }
  const reason = count === 0 ? 'it has no options: its answers are open' : 'it has a single option'
  return { leftOut: { name, reason } }
}

/** Another contract stands there. */
function noAnswer(error: unknown): undefined {
  if (error instanceof Reader.NoAnswerError) return undefined
  throw error
}

async function questionAt(
  ask: Ask,
  address: string,
  pollId: bigint,
): Promise<Omit<FoundQuestion, 'pollId'>> {
  const wire = ActiveCitizen2017.question
  const [version] = await ask(address, [wire, 'CurrentVersion'])
  const [results] = await ask(address, [wire, 'CurrentVersionResults'])
  const [answers] = await ask(address, [wire, 'AnswersByVersion'], [version])
  const [voterCount] = await ask(address, [wire, 'VoterCount'])
  return {
    address,
    version: toNumber(version),
    foreignPollId: toNumber(pollId),
    options: labelsOf(answers, results.length),
    results: [...results].map(Number),
    voterCount: Number(voterCount),
  }
}

function toNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new NumberTooLargeError(value)
  return number
}

/** Nothing stands where a Root should. */
export class NoContractError extends BallotstormError {
  override readonly name = 'deployActiveCitizen2017.NoContractError'
  readonly code = 'ROOT_NO_CONTRACT'
  readonly exitCode = 104
  readonly remedy = 'Check the address of the Root, and that the node has caught up.'
  constructor(root: string, rpcUrl: string) {
    super(`There is no contract at ${root} on the chain of ${rpcUrl}.`)
  }
}

/** A poll or a version has a number of more than 53 bits, which is not kept exactly here. */
export class NumberTooLargeError extends BallotstormError {
  override readonly name = 'deployActiveCitizen2017.NumberTooLargeError'
  readonly code = 'NUMBER_TOO_LARGE'
  readonly exitCode = 1
  readonly remedy = 'Number polls and versions below 2^53.'
  constructor(value: bigint) {
    super(`The deployment numbers a poll or a version ${value}: at most 2^53 - 1 can be handled.`)
  }
}

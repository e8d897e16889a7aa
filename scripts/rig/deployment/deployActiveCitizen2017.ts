import * as Deploy from '../../../chain/contracts/deployActiveCitizen2017.ts'
import { NoAnswerError } from '../../../chain/contracts/Reader.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import type * as Poll from '../../../scenarios/ballots/Poll.ts'
import { explanationOf } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Contracts from '../../contracts.ts'
import { UsageError } from '../../UsageError.ts'
import { assertFreshVoters, findClosed } from './votable.ts'
import { deployerOf, readKey, stageOf } from './deployerOf.ts'
import type { DeployContext, Deployment } from './Deployment.ts'
import { pollsAt } from './pollsAt.ts'
import { readTally } from './readTally.ts'

/** Where votes go: the contracts, and the polls as these contracts hold them. */
type Contracts2017 = {
  root: string
  chainId: number
  codeHash: string
  fromBlock: number
  questions: ActiveCitizen2017.Question[]
  polls: Poll.Poll[]
  /** What the contracts counted before this run, by poll. */
  countedBefore: Map<number, readonly number[]>
  ownerKey: Buffer
}

/** The system of 2017: our own contracts, or a deployment of somebody else's with its interface. */
export async function deployActiveCitizen2017(context: DeployContext): Promise<Deployment> {
  const { observerUrl } = stageOf(context).network
  const { externalDeployment } = context.options
  const there =
    externalDeployment === undefined
      ? await deployed(context)
      : await found(context, externalDeployment)
  const { questions, polls, countedBefore } = there
  const byPoll = new Map(questions.map((question) => [question.pollId, question]))
  return {
    chainId: there.chainId,
    verifyingContract: there.root,
    codeHash: there.codeHash,
    fromBlock: there.fromBlock,
    polls,
    // Each poll is a contract of its own, which relayers and witness are told of as they start.
    takesMorePolls: false,
    target: { kind: 'active-citizen-2017', questions },
    submission: {
      submitter: { kind: 'active-citizen-2017', questions },
      relayersMax: 1,
      key: () => there.ownerKey,
    },
    isSealedByContract: false,
    openPolls: (_, times) => Promise.resolve(pollsAt(polls, context.registerCommitment, times)),
    async tally(pollId) {
      const question = byPoll.get(pollId)
      if (question === undefined) throw new RangeError(`No question holds poll ${pollId}.`)
      const { address, version } = question
      const counts = await readTally(observerUrl, {
        to: address,
        wire: ActiveCitizen2017.question,
        method: 'ResultsByVersion',
        args: [version],
      })
      const before = countedBefore.get(pollId) ?? []
      return counts.map((count, choice) => count - (before[choice] ?? 0))
    },
  }
}

async function deployed(context: DeployContext): Promise<Contracts2017> {
  const deployer = deployerOf(context)
  const [root, poll] = await Promise.all([Contracts.artifact('Root'), Contracts.artifact('Poll')])
  context.progress.step('contracts of 2017 deployed')
  const deployment = await Deploy.deployActiveCitizen2017(deployer, {
    bytecode: { root: root.bytecode, poll: poll.bytecode },
    polls: context.polls,
  })
  return {
    ...deployment,
    fromBlock: deployment.blockNumber,
    polls: [...context.polls],
    countedBefore: new Map(),
    ownerKey: Buffer.from(deployer.key),
  }
}

/** Nothing was sent: a contract that answers nothing is the wrong one. */
function asUsageError(error: unknown): never {
  if (!(error instanceof NoAnswerError)) throw error
  throw new UsageError([`--root: ${explanationOf(error)}`])
}

/** The first polls of the Root take the place of the storm's, question by question. */
async function found(
  context: DeployContext,
  { root, ownerKeyFile }: { root: string; ownerKeyFile: string },
): Promise<Contracts2017> {
  const { observerUrl, chainId } = stageOf(context).network
  context.progress.step('polls found through the Root')
  const existing = await Deploy.findQuestions({ rpcUrl: observerUrl, root }).catch(asUsageError)
  const ownerKey = readKey(ownerKeyFile)
  const { registerFile } = context
  const node = { rpcUrl: observerUrl, ownerKey }
  const closed = await findClosed({ ...node, questions: existing.questions })
  const open = existing.questions.filter((question) => !closed.includes(question))
  const leftOut = [
    ...existing.leftOut,
    ...closed.map(({ address }) => ({ name: `question ${address}`, reason: 'it takes no votes' })),
  ]
  for (const { name, reason } of leftOut) context.progress.note(`left out ${name}: ${reason}`)
  if (open.length < context.polls.length) {
    throw new UsageError([
      `--root: ${root} holds ${open.length} question(s) that can be voted on, and the scenario needs ${context.polls.length}: take a scenario of fewer polls, or add polls to it.`,
      ...leftOut.map(({ name, reason }) => `--root: ${name} is left out, ${reason}.`),
    ])
  }
  const pairs = context.polls.flatMap((poll, index) => {
    const question = open[index]
    return question === undefined ? [] : [{ poll, question }]
  })
  const questions = pairs.map(({ poll, question: { address, version } }) => ({
    pollId: poll.pollId,
    address,
    version,
  }))
  await assertFreshVoters({ ...node, questions, registerFile })
  return {
    root,
    chainId,
    codeHash: existing.codeHash,
    fromBlock: existing.blockNumber,
    questions,
    polls: pairs.map(({ poll, question }) => ({ ...poll, options: question.options })),
    countedBefore: new Map(pairs.map(({ poll, question }) => [poll.pollId, question.results])),
    ownerKey,
  }
}

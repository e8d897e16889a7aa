import {
  deployActiveCitizen2017,
  findQuestions,
} from '../../../chain/contracts/deployActiveCitizen2017.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import type * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Contracts from '../../contracts.ts'
import { UsageError } from '../../UsageError.ts'
import { assertVotable } from './assertVotable.ts'
import { deployerOf, networkOf, readKey } from './deployerOf.ts'
import type { Ground, Installation } from './Installation.ts'
import { pollsAt } from './pollsAt.ts'
import { readTally } from './readTally.ts'

/** Where votes go: the contracts, and the polls as these contracts hold them. */
type Place = {
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
export async function installActiveCitizen2017(ground: Ground): Promise<Installation> {
  const { observerUrl } = networkOf(ground)
  const { foreign } = ground.workshop.options
  const place = foreign === undefined ? await deployed(ground) : await found(ground, foreign)
  const { questions, polls, countedBefore } = place
  const byPoll = new Map(questions.map((question) => [question.pollId, question]))
  return {
    chainId: place.chainId,
    verifyingContract: place.root,
    codeHash: place.codeHash,
    fromBlock: place.fromBlock,
    polls,
    target: { kind: 'active-citizen-2017', questions },
    carriage: {
      carrier: { kind: 'active-citizen-2017', questions },
      key: place.ownerKey,
    },
    isSealedByContract: false,
    openPolls: (times) => Promise.resolve(pollsAt(polls, ground.registerCommitment, times)),
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

async function deployed(ground: Ground): Promise<Place> {
  const deployer = deployerOf(ground)
  const [root, poll] = await Promise.all([Contracts.artifact('Root'), Contracts.artifact('Poll')])
  ground.workshop.progress.step('contracts of 2017 deployed')
  const deployment = await deployActiveCitizen2017(deployer, {
    bytecode: { root: root.bytecode, poll: poll.bytecode },
    polls: ground.polls,
  })
  return {
    ...deployment,
    fromBlock: deployment.blockNumber,
    polls: [...ground.polls],
    countedBefore: new Map(),
    ownerKey: Buffer.from(deployer.key),
  }
}

/** The first polls of the Root take the place of the storm's, question by question. */
async function found(
  ground: Ground,
  { root, ownerKeyFile }: { root: string; ownerKeyFile: string },
): Promise<Place> {
  const { observerUrl, chainId } = networkOf(ground)
  ground.workshop.progress.step('polls found through the Root')
  const foreign = await findQuestions({ rpcUrl: observerUrl, root })
  if (foreign.questions.length < ground.polls.length) {
    throw new UsageError([
      `--root: ${root} holds ${foreign.questions.length} question(s), and the scenario needs ${ground.polls.length}: take a scenario of fewer polls, or add polls to it.`,
    ])
  }
  const pairs = ground.polls.flatMap((poll, index) => {
    const question = foreign.questions[index]
    return question === undefined ? [] : [{ poll, question }]
  })
  const questions = pairs.map(({ poll, question: { address, version } }) => ({
    pollId: poll.pollId,
    address,
    version,
  }))
  const ownerKey = readKey(ownerKeyFile)
  const { registerFile } = ground
  await assertVotable({ rpcUrl: observerUrl, questions, ownerKey, registerFile })
  return {
    root,
    chainId,
    codeHash: foreign.codeHash,
    fromBlock: foreign.blockNumber,
    questions,
    polls: pairs.map(({ poll, question }) => ({ ...poll, options: question.options })),
    countedBefore: new Map(pairs.map(({ poll, question }) => [poll.pollId, question.results])),
    ownerKey,
  }
}

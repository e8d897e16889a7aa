import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createAnchorPolls, deployAnchor } from '../../../chain/contracts/deployAnchor.ts'
import * as Reader from '../../../chain/contracts/Reader.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Contracts from '../../../scripts/contracts.ts'
import * as Ground from './Ground.ts'

const COMMITMENT = Buffer.alloc(32, 5)
const TIMES = { opensAt: 1, closesAt: 2, sealsAt: 4_102_444_800 }
const POLLS = [
  { question: 'Which park?', options: ['North', 'South'], ...TIMES },
  {
    question: 'Which street?',
    options: ['First', 'Second', 'Third'],
    slice: { firstVoter: 7, voterCount: 20 },
    ...TIMES,
  },
]

let ground: Ground.Ground
let artifact: Contracts.Artifact
beforeAll(async () => {
  artifact = await Contracts.artifact('BallotAnchor')
  ground = await Ground.start()
}, Ground.START_TIMEOUT_MS)
afterAll(() => ground.close())

const deploy = (deployer: Sender.Deployer) =>
  deployAnchor(deployer, { bytecode: artifact.bytecode, registerCommitment: COMMITMENT })

describe('deployAnchor', () => {
  test('default', async () => {
    const deployer = ground.deployer()
    const deployment = await deploy(deployer)
    const code = Buffer.from(artifact.deployedBytecode.slice(2), 'hex')
    expect(deployment).toEqual({
      chainId: 8995,
      ballotAnchor: Sender.createdAddress(deployer.key, 0),
      codeHash: Sender.toHex(keccak256(code)),
      registerCommitment: Sender.toHex(COMMITMENT),
      blockNumber: expect.any(Number),
      gasUsed: expect.any(Number),
    })
    expect(deployment.gasUsed).toBeGreaterThan(500_000)
  })

  test('error: a node that does not answer', async () => {
    const deployer = { ...ground.deployer(), rpcUrl: 'http://127.0.0.1:9' }
    await expect(deploy(deployer)).rejects.toMatchObject({ code: 'RPC_CALL' })
  })
})

describe('createAnchorPolls', () => {
  test('default', async () => {
    const deployer = ground.deployer()
    const deployment = await deploy(deployer)
    const polls = await createAnchorPolls(deployer, deployment, POLLS)
    expect(polls).toEqual(
      POLLS.map((poll, index) => ({
        ...poll,
        pollId: index + 1,
        pollDigest: Sender.toHex(Poll.digest(poll, COMMITMENT)),
      })),
    )
    const [later] = await createAnchorPolls(deployer, deployment, POLLS.slice(0, 1))
    expect(later?.pollId).toBe(3)
  })

  test('behavior: the contract announces the same digests, and takes ballots', async () => {
    const deployer = ground.deployer()
    const deployment = await deploy(deployer)
    const { ballotAnchor: to } = deployment
    const polls = await createAnchorPolls(deployer, deployment, POLLS)
    const filter = { address: to, fromBlock: '0x0', toBlock: 'latest' }
    const call = { method: 'eth_getLogs', params: [filter] }
    const logs = await Reader.ask(deployer, call, Ground.Logs)
    const digests = logs.map((log) => Anchor.ballotAnchor.parseLog(log)?.args['pollDigest'])
    expect(digests).toEqual(polls.map(({ pollDigest }) => pollDigest))

    const ballots = [1, 2, 2].map((pollId, voterIndex) => ({ pollId, voterIndex, choice: 0 }))
    const args = [Anchor.root(ballots), Anchor.encode(ballots)]
    const sender = await Sender.create(deployer)
    const data = Anchor.ballotAnchor.encodeFunctionData('anchor', args)
    await sender.send({ name: 'anchor ballots', to, data })
    await sender.settle()
    const counts = [1, 2].map(async (pollId) => {
      const question = { to, wire: Anchor.ballotAnchor, method: 'ballotCount', args: [pollId] }
      return Number((await Reader.read(deployer, question))[0])
    })
    expect(await Promise.all(counts)).toEqual([1, 2])
  })

  test('error: another account than the organiser', async () => {
    const deployment = await deploy(ground.deployer())
    await expect(createAnchorPolls(ground.deployer(), deployment, POLLS)).rejects.toMatchObject({
      code: 'DEPLOYMENT_REVERTED',
    })
  })

  test('error: no contract there', async () => {
    const deployer = ground.deployer()
    const deployment = { ballotAnchor: `0x${'ab'.repeat(20)}`, registerCommitment: '0x00' }
    await expect(createAnchorPolls(deployer, deployment, POLLS)).rejects.toMatchObject({
      code: 'CONTRACT_NO_ANSWER',
    })
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { addresses, createPolls, deploy } from '../../../chain/contracts/deploy.ts'
import * as Reader from '../../../chain/contracts/Reader.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import { register } from '../../../scenarios/presign/register.ts'
import * as Contracts from '../../../scripts/contracts.ts'
import * as Ground from './Ground.ts'

/** Two full chunks and a short one. */
const VOTERS = 2 * Contract.REGISTER_CHUNK_VOTERS + 5
const TIMES = { opensAt: 1, closesAt: 2, sealsAt: 4_102_444_800 }
const POLLS = [
  { question: 'Which park?', options: ['North', 'South'], ...TIMES },
  {
    question: 'Which street?',
    options: ['First', 'Second'],
    slice: { firstVoter: 7, voterCount: 20 },
    ...TIMES,
  },
]

let folder: string
let registerFile: string
let commitment: Buffer
let ground: Ground.Ground
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-deploy-'))
  registerFile = join(folder, 'register.bin')
  commitment = await register({ electorate: { seed: 'deploy', size: VOTERS }, file: registerFile })
  await Contracts.compile()
  ground = await Ground.start(30_000_000)
}, Ground.START_TIMEOUT_MS)
afterAll(async () => {
  await ground.close()
  rmSync(folder, { recursive: true })
})

describe('deploy', () => {
  test('default', async () => {
    const deployer = ground.deployer()
    const box = await Contracts.artifact('BallotBox')
    const { bytecode } = await Contracts.artifact('VoterRegister')
    const progress: number[] = []
    const deployment = await deploy(deployer, {
      bytecode: { ballotBox: box.bytecode, register: bytecode },
      registerFile,
      onProgress: (enrolled) => progress.push(enrolled),
    })
    expect(deployment).toMatchObject({
      chainId: 8995,
      ...addresses(deployer.key, 0),
      codeHash: Sender.toHex(keccak256(Buffer.from(box.deployedBytecode.slice(2), 'hex'))),
      registerCommitment: Sender.toHex(commitment),
      voterCount: VOTERS,
    })
    expect(progress).toEqual([1228, 2456, VOTERS])
    // Enrolment is the most of it, 4,390 gas a voter.
    expect(deployment.gasUsed).toBeGreaterThan(VOTERS * 4_000)

    const polls = await createPolls(deployer, deployment, POLLS)
    expect(polls).toEqual(
      POLLS.map((poll, index) => ({
        ...poll,
        pollId: index + 1,
        pollDigest: Sender.toHex(Poll.digest(poll, commitment)),
      })),
    )
    const question = { to: deployment.ballotBox, wire: Contract.ballotBox, method: 'pollCount' }
    expect((await Reader.read(deployer, question))[0]).toBe(2n)
  })
})

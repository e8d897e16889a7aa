import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { deployActiveCitizen2017 } from '../../../../chain/contracts/deployActiveCitizen2017.ts'
import * as Sender from '../../../../chain/contracts/Sender.ts'
import * as ActiveCitizen2017 from '../../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Address from '../../../../scenarios/ballots/Address.ts'
import * as Contracts from '../../../../scripts/contracts.ts'
import { assertFreshVoters, findClosed } from '../../../../scripts/rig/deployment/votable.ts'
import * as Ground from '../../../chain/contracts/Ground.ts'

let ground: Ground.Ground
let folder: string
let registerFile: string
let owner: Sender.Deployer
let questions: ActiveCitizen2017.Question[]

const VOTERS = Array.from({ length: 3 }, (_, voter) => Buffer.alloc(Address.SIZE_BYTES, voter + 1))

beforeAll(async () => {
  ground = await Ground.start()
  owner = ground.deployer()
  folder = await mkdtemp(join(tmpdir(), 'ballotstorm-votable-'))
  registerFile = join(folder, 'register.bin')
  writeFileSync(registerFile, Buffer.concat(VOTERS))
  const [root, poll] = [await Contracts.artifact('Root'), await Contracts.artifact('Poll')]
  const texts = { question: 'Which?', options: ['one', 'two'] }
  ;({ questions } = await deployActiveCitizen2017(owner, {
    bytecode: { root: root.bytecode, poll: poll.bytecode },
    polls: [1, 2].map((pollId) => ({ pollId, ...texts })),
  }))
}, Ground.START_TIMEOUT_MS)
afterAll(async () => {
  await ground?.close()
  await rm(folder, { recursive: true, force: true })
})

function check(): Promise<void> {
  const site = { rpcUrl: ground.rpcUrl, ownerKey: owner.key }
  return assertFreshVoters({ ...site, questions, registerFile })
}

/** Those at which a vote of an account changes nothing. */
function closed(
  ownerKey: Uint8Array,
  of: ActiveCitizen2017.Question[] = questions,
): Promise<ActiveCitizen2017.Question[]> {
  return findClosed({ rpcUrl: ground.rpcUrl, questions: of, ownerKey })
}

describe('findClosed', () => {
  test('default: the owner may vote at all of them', async () => {
    expect(await closed(owner.key)).toEqual([])
    expect(await closed(owner.key, [])).toEqual([])
  })

  test('behavior: one that takes no votes, where another does', async () => {
    const [first, second] = questions
    const wrong = [first, second && { ...second, version: 99 }].flatMap((one) => one ?? [])
    expect(await closed(owner.key, wrong)).toEqual(wrong.slice(1))
  })

  test('error: the key of somebody else', async () => {
    const key = ground.deployer().key
    await expect(closed(key)).rejects.toThrow('--owner-key-file')
    await expect(closed(key)).rejects.toThrow(questions[1]?.address)
  })
})

describe('assertFreshVoters', () => {
  test('default: nobody has voted yet', async () => {
    await expect(check()).resolves.toBeUndefined()
  })

  test('error: a voter of this register has voted already', async () => {
    const userKey = ActiveCitizen2017.userKey(2, Address.toHex(VOTERS[2] ?? Buffer.alloc(0)))
    const values = [questions[0]?.version, userKey, [1], '', '']
    const data = ActiveCitizen2017.question.encodeFunctionData('vote', values)
    const sender = await Sender.create(owner)
    await sender.send({ name: 'vote', to: questions[0]?.address, data })
    await sender.settle()
    await expect(check()).rejects.toThrow('--seed: voter 2')
  })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  deployActiveCitizen2017,
  type ActiveCitizen2017Deployment,
} from '../../../chain/contracts/deployActiveCitizen2017.ts'
import { createAnchorPolls, deployAnchor } from '../../../chain/contracts/deployAnchor.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import { audit, type Audit } from '../../../metrics/audit/audit.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Anvil from '../anvil.ts'

const VOTERS = 30
const Latest = Type.Object({ number: Type.String(), transactions: Type.Array(Type.String()) })
const TIMEOUT_MS = 60_000

let anvil: Anvil.Anvil
let folder: string
let registerFile: string
let deployer: Sender.Deployer

beforeAll(async () => {
  anvil = await Anvil.start()
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-mirrors-'))
  registerFile = join(folder, 'register.bin')
  writeFileSync(registerFile, Voters.packed(0, VOTERS))
  deployer = { rpcUrl: anvil.url, key: Buffer.alloc(32, 5), gasPriceWei: 0n }
}, TIMEOUT_MS)

afterAll(async () => {
  await anvil.stop()
  rmSync(folder, { recursive: true })
})

async function send(to: string, data: string): Promise<void> {
  const sender = await Sender.create(deployer)
  await sender.send({ name: 'send', to, data })
  await sender.settle()
}

async function lastTransaction(): Promise<[number, string]> {
  const block = await anvil.request('eth_getBlockByNumber', 'latest', false)
  const { number, transactions } = Value.Parse(Latest, block)
  return [Number(number), transactions[0] ?? '']
}

function kinds({ findings }: Audit): string[] {
  return findings.listed.map(({ kind }) => kind)
}

describe('audit of BallotAnchor', () => {
  const text = { question: 'Which?', options: ['one', 'two'] }
  const ballots = [0, 1, 2, 3, 4].map((voterIndex) => ({
    pollId: 1,
    voterIndex,
    choice: voterIndex % 2,
  }))
  let contract: string
  let sealsAt: number
  let receipts: string

  beforeAll(async () => {
    const { bytecode } = await artifact('BallotAnchor')
    const registerCommitment = Register.commitment(Register.chunks(registerFile))
    const deployment = await deployAnchor(deployer, { bytecode, registerCommitment })
    contract = deployment.ballotAnchor
    const now = Math.floor(Date.now() / 1000)
    sealsAt = now + 3600
    const times = { opensAt: now - 1000, closesAt: now + 3000, sealsAt }
    const [poll] = await createAnchorPolls(deployer, deployment, [{ ...text, ...times }])
    const root = Anchor.root(ballots)
    const call = [root, Anchor.encode(ballots)]
    await send(contract, Anchor.ballotAnchor.encodeFunctionData('anchor', call))
    receipts = join(folder, 'anchored-receipts')
    mkdirSync(receipts)
    const [block, transaction] = await lastTransaction()
    const separator = Ballot.domainSeparator({ chainId: 8995, verifyingContract: contract })
    const pollDigest = Buffer.from(poll?.pollDigest.slice(2) ?? '', 'hex')
    const write = (name: string, index: number, change: Record<string, unknown> = {}): void => {
      const ballot = ballots[index] ?? { pollId: 1, voterIndex: index, choice: 0 }
      const digest = Ballot.digest(separator, { ...ballot, pollDigest })
      const hash = Ballot.hash(digest, Voters.address(ballot.voterIndex))
      const fields = {
        ballotHash: `0x${hash.toString('hex')}`,
        pollId: 1,
        acceptedAtMs: 1,
        sealsAt,
      }
      const receipt = Receipt.sign(fields, Buffer.alloc(32, 3))
      const siblings = index < ballots.length ? Anchor.proof(ballots, index) : []
      const proof = { root, siblings, ...ballot, block, transaction, ...change }
      const answer = { state: 'final', receipt, ...(index < ballots.length && { proof }) }
      writeFileSync(join(receipts, `${name}.json`), JSON.stringify(answer))
    }
    write('good', 1)
    write('without-proof', 20)
    write('other-choice', 2, { choice: 1 })
    write('other-block', 3, { block: block - 1 })
  }, TIMEOUT_MS)

  test('default', async () => {
    const result = await audit({ rpcUrls: [anvil.url], contract })
    expect(result).toMatchObject({ design: 'anchored', findings: { count: 0 } })
    expect(result.polls).toMatchObject([{ recount: [3, 2], tally: [5], isSealed: false }])
    expect(result.notChecked.join()).toContain('nobody signs it')
    expect(result.notChecked.join()).toContain('--register FILE')
  })

  test('behavior: receipts with proofs; those that lead nowhere are found', async () => {
    const options = { rpcUrls: [anvil.url], contract, receiptsFolder: receipts, registerFile }
    const result = await audit(options)
    expect(result.receipts).toMatchObject({ count: 4, kept: 1, open: 1, invalid: 2 })
    expect(kinds(result)).toEqual(['invalidReceipt', 'invalidReceipt'])
  })

  test('behavior: without the register a proof is enough, a bare receipt says nothing', async () => {
    const result = await audit({ rpcUrls: [anvil.url], contract, receiptsFolder: receipts })
    expect(result.receipts).toMatchObject({ kept: 1, unknown: 1, invalid: 2 })
  })

  test('behavior: a wrong root, a second ballot of a voter, and one from outside', async () => {
    const wrong = [{ pollId: 1, voterIndex: 9, choice: 0 }]
    const call = [`0x${'77'.repeat(32)}`, Anchor.encode(wrong)]
    await send(contract, Anchor.ballotAnchor.encodeFunctionData('anchor', call))
    const more = [0, VOTERS].map((voterIndex) => ({ pollId: 1, voterIndex, choice: 1 }))
    const next = [Anchor.root(more), Anchor.encode(more)]
    await send(contract, Anchor.ballotAnchor.encodeFunctionData('anchor', next))
    const result = await audit({ rpcUrls: [anvil.url], contract, registerFile })
    expect(kinds(result)).toEqual(['contradiction', 'duplicated', 'ineligible', 'tallyMismatch'])
    expect(result.polls).toMatchObject([{ recount: [4, 2], tally: [8] }])
  })
})

describe('audit of the contracts of 2017', () => {
  const polls = [
    { pollId: 1, question: 'Which?', options: ['one', 'two', 'three'] },
    { pollId: 2, question: 'And?', options: ['yes', 'no'] },
  ]
  let deployment: ActiveCitizen2017Deployment

  beforeAll(async () => {
    const [root, poll] = [await artifact('Root'), await artifact('Poll')]
    const bytecode = { root: root.bytecode, poll: poll.bytecode }
    deployment = await deployActiveCitizen2017(deployer, { bytecode, polls })
    for (const voter of [0, 1, 2, 3]) await vote(0, voter, [voter % 3])
    await vote(1, 0, [1])
  }, TIMEOUT_MS)

  async function vote(place: number, voter: number, options: number[], key?: string) {
    const question = deployment.questions[place]
    const address = `0x${Voters.address(voter).toString('hex')}`
    const userKey = key ?? ActiveCitizen2017.userKey(voter, address)
    const args = [question?.version, userKey, options, '', '']
    await send(question?.address ?? '', ActiveCitizen2017.question.encodeFunctionData('vote', args))
  }

  function look(options: { registerFile?: string } = {}): Promise<Audit> {
    return audit({ rpcUrls: [anvil.url], contract: deployment.root, ...options })
  }

  test('default', async () => {
    const result = await look({ registerFile })
    expect(result).toMatchObject({ design: 'active-citizen-2017', findings: { count: 0 } })
    expect(result.polls).toMatchObject([
      { pollId: 1, options: ['one', 'two', 'three'], recount: [2, 1, 1], tally: [2, 1, 1, 4] },
      { pollId: 2, recount: [0, 1], tally: [0, 1, 1] },
    ])
    expect(result.notChecked.join()).toContain('neither opening nor sealing')
  })

  test('behavior: a second vote of a user was refused, and is no finding', async () => {
    await vote(0, 1, [2])
    const result = await look({ registerFile })
    expect(result.findings.count).toBe(0)
    expect(result.polls[0]).toMatchObject({ recount: [2, 1, 1], skippedCount: 1 })
  })

  test('behavior: a vote under a key that names nobody counts, and is told', async () => {
    await vote(1, 0, [0], 'somebody')
    const result = await look()
    expect(result.polls[1]).toMatchObject({ recount: [1, 1], tally: [1, 1, 2] })
    expect(result.notChecked.join()).toContain('name no voter')
  })

  test('behavior: a repeated option, and a voter who is not in the register', async () => {
    await vote(0, 5, [1, 1, 1])
    await vote(0, VOTERS + 1, [0])
    const result = await look({ registerFile })
    expect(kinds(result).toSorted()).toEqual(['contradiction', 'ineligible', 'tallyMismatch'])
    expect(result.polls[0]).toMatchObject({ recount: [2, 4, 1], tally: [3, 4, 1, 6] })
  })

  test('behavior: a poll that is pointed elsewhere', async () => {
    const [root, poll] = [await artifact('Root'), await artifact('Poll')]
    const bytecode = { root: root.bytecode, poll: poll.bytecode }
    const other = await deployActiveCitizen2017(deployer, { bytecode, polls })
    const call = { to: other.root, data: getAddressOf2 }
    const answer = String(await anvil.request('eth_call', call, 'latest'))
    const args = [2, `0x${answer.slice(-40)}`]
    expect(kinds(await look())).not.toContain('redirected')
    const data = ActiveCitizen2017.root.encodeFunctionData('pushAddress', args)
    await send(deployment.root, data)
    const result = await look()
    expect(kinds(result)).toContain('redirected')
    expect(result.polls[1]).toMatchObject({ recount: [0, 0] })
  })
})

const getAddressOf2 = ActiveCitizen2017.root.encodeFunctionData('getAddress', [2])

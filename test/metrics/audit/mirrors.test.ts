import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { audit, type Audit } from '../../../metrics/audit/audit.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Voters from '../../contracts/Voters.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

/** Voters in the registers of both recordings. */
const VOTERS = 30

const anchored = Recording.load<Facts.Anchored>('anchored')
const votes = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')

let node: RecordedNode.RecordedNode
let folder: string
let registerFile: string

beforeAll(async () => {
  node = await RecordedNode.start(anchored)
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-mirrors-'))
  registerFile = join(folder, 'register.bin')
  writeFileSync(registerFile, Voters.packed(0, VOTERS))
})

afterAll(async () => {
  await node.close()
  rmSync(folder, { recursive: true })
})

function kinds({ findings }: Audit): string[] {
  return findings.listed.map(({ kind }) => kind)
}

describe('audit of BallotAnchor', () => {
  const { contract, ballots, poll, blocks } = anchored.facts
  let receipts: string

  beforeEach(() => node.show(anchored, blocks.honest))

  beforeAll(() => {
    receipts = join(folder, 'anchored-receipts')
    mkdirSync(receipts)
    const root = Anchor.root(ballots)
    const block = blocks.honest
    const [transaction] = anchored.blocks[block]?.transactions.map(({ hash }) => hash) ?? []
    const separator = Ballot.domainSeparator({ chainId: 8995, verifyingContract: contract })
    const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
    const write = (name: string, index: number, change: Record<string, unknown> = {}): void => {
      const ballot = ballots[index] ?? { pollId: 1, voterIndex: index, choice: 0 }
      const digest = Ballot.digest(separator, { ...ballot, pollDigest })
      const hash = Ballot.hash(digest, Voters.address(ballot.voterIndex))
      const fields = {
        ballotHash: `0x${hash.toString('hex')}`,
        pollId: 1,
        acceptedAtMs: 1,
        sealsAt: poll.sealsAt,
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
  })

  test('default', async () => {
    const result = await audit({ rpcUrls: [node.url], contract })
    expect(result).toMatchObject({ design: 'anchored', findings: { count: 0 } })
    expect(result.polls).toMatchObject([{ recount: [3, 2], tally: [5], isSealed: false }])
    expect(result.notChecked.join()).toContain('nobody signs it')
    expect(result.notChecked.join()).toContain('--register FILE')
  })

  test('behavior: receipts with proofs; those that lead nowhere are found', async () => {
    const options = { rpcUrls: [node.url], contract, receiptsFolder: receipts, registerFile }
    const result = await audit(options)
    expect(result.receipts).toMatchObject({ count: 4, kept: 1, open: 1, invalid: 2 })
    expect(kinds(result)).toEqual(['invalidReceipt', 'invalidReceipt'])
  })

  test('behavior: without the register a proof is enough, a bare receipt says nothing', async () => {
    const result = await audit({ rpcUrls: [node.url], contract, receiptsFolder: receipts })
    expect(result.receipts).toMatchObject({ kept: 1, unknown: 1, invalid: 2 })
  })

  test('behavior: a wrong root, a second ballot of a voter, and one from outside', async () => {
    node.show(anchored, blocks.stray)
    const result = await audit({ rpcUrls: [node.url], contract, registerFile })
    expect(kinds(result)).toEqual(['contradiction', 'duplicated', 'ineligible', 'tallyMismatch'])
    expect(result.polls).toMatchObject([{ recount: [4, 2], tally: [8] }])
  })
})

describe('audit of the contracts of 2017', () => {
  const { contract, blocks } = votes.facts

  /** The chain as it was when this had happened. */
  function look(happened: string, options: { registerFile?: string } = {}): Promise<Audit> {
    node.show(votes, blocks[happened])
    return audit({ rpcUrls: [node.url], contract, ...options })
  }

  test('default', async () => {
    const result = await look('second poll', { registerFile })
    expect(result).toMatchObject({ design: 'active-citizen-2017', findings: { count: 0 } })
    expect(result.polls).toMatchObject([
      { pollId: 1, options: ['one', 'two', 'three'], recount: [2, 1, 1], tally: [2, 1, 1, 4] },
      { pollId: 2, recount: [0, 1], tally: [0, 1, 1] },
    ])
    expect(result.notChecked.join()).toContain('neither opening nor sealing')
  })

  test('behavior: a second vote of a user was refused, and is no finding', async () => {
    const result = await look('again', { registerFile })
    expect(result.findings.count).toBe(0)
    expect(result.polls[0]).toMatchObject({ recount: [2, 1, 1], skippedCount: 1 })
  })

  test('behavior: a vote under a key that names nobody counts, and is told', async () => {
    const result = await look('alien')
    expect(result.polls[1]).toMatchObject({ recount: [1, 1], tally: [1, 1, 2] })
    expect(result.notChecked.join()).toContain('name no voter')
  })

  test('behavior: a repeated option, and a voter who is not in the register', async () => {
    const result = await look('outsider', { registerFile })
    expect(kinds(result).toSorted()).toEqual(['contradiction', 'ineligible', 'tallyMismatch'])
    expect(result.polls[0]).toMatchObject({ recount: [2, 4, 1], tally: [3, 4, 1, 6] })
  })

  test('behavior: a poll that is pointed elsewhere', async () => {
    expect(kinds(await look('outsider'))).not.toContain('redirected')
    const result = await look('moved')
    expect(kinds(result)).toContain('redirected')
    expect(result.polls[1]).toMatchObject({ recount: [0, 0] })
  })
})

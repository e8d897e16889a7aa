import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

import { Client } from 'pg'
import { TypedDataEncoder, recoverAddress } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Value } from 'typebox/value'

import type { Books } from '../../../metrics/books/reconcile.ts'
import type { Cast, Observation } from '../../../metrics/witness/Observation.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Postgres from '../../chain/database/postgres.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 10
/** The ballots that somebody lies about. */
const VICTIMS = [3, 7]
/** A voter whom nobody planned. */
const STRANGER = 999_999

type Row = { voterIndex: number; choice: number }

/** What each part says of a city of ten ballots; honest unless a test changes it. */
type World = {
  told: (ballot: number) => { status: number; body: string }
  database: Row[]
  chain: Row[]
}

/** Somebody's lie, and what the books must say of it. */
type Lie = {
  who: string
  lie: () => Partial<World>
  kind: string
  link: string
  database: string
  ballots: number[]
}

let postgres: Postgres.Postgres
let client: Client
let sandbox: Sandbox.Sandbox

beforeAll(async () => {
  postgres = await Postgres.start()
  client = new Client(postgres.url)
  await client.connect()
  await client.query(
    `insert into polls (poll_id, poll_digest, question, options, opens_at, closes_at, seals_at)
     values (1, $1, 'Which?', '["a","b","c"]', 0, 1, 2)`,
    [Sandbox.POLL_DIGEST],
  )
  // A lying database keeps no promises about its rows.
  await client.query('alter table ballots drop constraint ballots_poll_id_voter_index_key')
})
afterAll(async () => {
  await client.end()
  await postgres.dispose()
})
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
})
afterEach(async () => {
  sandbox.dispose()
  await client.query('delete from ballots')
})

function honest(ballot: number): Row {
  return { voterIndex: Sandbox.voterOf(ballot), choice: ballot % 3 }
}

function all(change: (row: Row, ballot: number) => Row[] = (row) => [row]): Row[] {
  return Array.from({ length: BALLOTS }, (_, ballot) => change(honest(ballot), ballot)).flat()
}

const isVictim = (ballot: number): boolean => VICTIMS.includes(ballot)
const without = (row: Row, ballot: number): Row[] => (isVictim(ballot) ? [] : [row])
const twice = (row: Row, ballot: number): Row[] => (isVictim(ballot) ? [row, row] : [row])
const changed = ({ voterIndex, choice }: Row, ballot: number): Row[] => [
  { voterIndex, choice: isVictim(ballot) ? (choice + 1) % 3 : choice },
]
const stranger = { voterIndex: STRANGER, choice: 2 }

const accepted: World['told'] = (ballot) => ({ status: 202, body: sandbox.receipt(ballot) })
const silentToVictims: World['told'] = (ballot) =>
  isVictim(ballot) ? { status: 0, body: '1050 request timeout' } : accepted(ballot)
const refusing: World['told'] = (ballot) =>
  isVictim(ballot) ? { status: 403, body: '{"code":"BAD_SIGNATURE"}' } : accepted(ballot)

async function write({ told, database, chain }: World): Promise<void> {
  for (const [index, { voterIndex, choice }] of database.entries()) {
    await client.query(
      `insert into ballots (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms,
         receipt_signature) values ($1, 1, $2, $3, $4, 0, $4)`,
      [Buffer.alloc(32, index), voterIndex, choice, Buffer.alloc(65)],
    )
  }
  const attempts = Array.from({ length: BALLOTS }, (_, ballot) => {
    const intendedAtMs = Sandbox.START_AT_MS + ballot * 10
    const times = { intendedAtMs, sentAtMs: intendedAtMs, doneAtMs: intendedAtMs + 20 }
    return HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, ...told(ballot) })
  })
  const handOver = { first: 0, count: BALLOTS, atMs: Sandbox.START_AT_MS }
  sandbox.history(attempts, [HistoryLine.formatHandOver(handOver)])
  sandbox.observations([Sandbox.block(1, casts(chain)), Sandbox.final(1), ...Sandbox.sealing(2)])
}

function casts(rows: readonly Row[]): Cast[] {
  return rows.map(({ voterIndex, choice }) => [1, voterIndex, choice, 0])
}

async function books(changes: Partial<World>): Promise<Books> {
  await write({ told: accepted, database: all(), chain: all(), ...changes })
  return sandbox.reconcile({ database: { postgresUrl: postgres.url } })
}

describe('reconcile', () => {
  test('default: three that agree are no finding', async () => {
    const { findings, problems, counts } = await books({})
    expect(problems).toEqual([])
    expect(findings).toEqual({
      total: 0,
      listed: [],
      byLink: { 'voter and database': 0, 'database and chain': 0 },
    })
    expect(counts).toMatchObject({ acknowledged: BALLOTS, final: BALLOTS, reorganised: 0 })
  })

  test.each<Lie>([
    {
      who: 'an API that drops after acknowledging',
      lie: () => ({ database: all(without), chain: all(without) }),
      kind: 'lost',
      link: 'voter and database',
      database: 'does not hold it',
      ballots: VICTIMS,
    },
    {
      who: 'an API that answers before it writes, and is killed',
      lie: () => ({ database: all().slice(0, 6), chain: all().slice(0, 6) }),
      kind: 'lost',
      link: 'voter and database',
      database: 'does not hold it',
      ballots: [6, 7, 8, 9],
    },
    {
      who: 'an API that changes the choice',
      lie: () => ({ database: all(changed), chain: all(changed) }),
      kind: 'altered',
      link: 'voter and database',
      database: 'holds choice 1',
      ballots: VICTIMS,
    },
    {
      who: 'an API that changes the choice, whose ballots the contract skips',
      lie: () => ({ database: all(changed), chain: all(without) }),
      kind: 'lost',
      link: 'voter and database',
      database: 'holds choice 1',
      ballots: VICTIMS,
    },
    {
      who: 'an API that stores twice',
      lie: () => ({ database: all(twice), chain: all(twice) }),
      kind: 'duplicated',
      link: 'voter and database',
      database: 'holds it more than once',
      ballots: VICTIMS,
    },
    {
      who: 'an API that takes what it refused',
      lie: () => ({ told: refusing }),
      kind: 'unexpected',
      link: 'voter and database',
      database: 'holds it',
      ballots: VICTIMS,
    },
    {
      who: 'a relayer that drops',
      lie: () => ({ chain: all(without) }),
      kind: 'lost',
      link: 'database and chain',
      database: 'holds it',
      ballots: VICTIMS,
    },
    {
      who: 'a relayer that changes the choice',
      lie: () => ({ chain: all(changed) }),
      kind: 'altered',
      link: 'database and chain',
      database: 'holds it',
      ballots: VICTIMS,
    },
    {
      who: 'a relayer that sends twice',
      lie: () => ({ chain: all(twice) }),
      kind: 'duplicated',
      link: 'database and chain',
      database: 'holds it',
      ballots: VICTIMS,
    },
    {
      who: 'a relayer that carries what was refused',
      lie: () => ({ told: refusing, database: all(without) }),
      kind: 'unexpected',
      link: 'database and chain',
      database: 'does not hold it',
      ballots: VICTIMS,
    },
    {
      who: 'a relayer that makes a choice for a voter who had no answer',
      lie: () => ({ told: silentToVictims, database: all(without), chain: all(changed) }),
      kind: 'altered',
      link: 'database and chain',
      database: 'does not hold it',
      ballots: VICTIMS,
    },
  ])('behavior: $who is named', async ({ lie, kind, link, database, ballots }) => {
    const { findings, problems } = await books(lie())
    expect(problems).toEqual([])
    expect(findings.listed.map(({ ballot }) => ballot)).toEqual(ballots)
    expect(new Set(findings.listed.map((finding) => finding.kind))).toEqual(new Set([kind]))
    for (const finding of findings.listed) {
      expect(finding.brokenBetween).toBe(link)
      const { choice } = honest(finding.ballot ?? -1)
      const held = database.replace('choice 1', `choice ${(choice + 1) % 3}`)
      expect(finding.evidence).toMatchObject({ database: held, signedChoice: choice })
    }
    expect(findings.byLink).toMatchObject({ [link]: ballots.length })
  })

  test('behavior: a voter whom nobody planned is named, and who made him up', async () => {
    const [byApi] = (await books({ database: [...all(), stranger], chain: [...all(), stranger] }))
      .findings.listed
    expect(byApi).toMatchObject({
      kind: 'unexpected',
      pollId: 1,
      voterIndex: STRANGER,
      brokenBetween: 'voter and database',
      evidence: { database: 'holds choice 2' },
    })
    await client.query('delete from ballots')
    const [byRelayer] = (await books({ chain: [...all(), stranger] })).findings.listed
    expect(byRelayer).toMatchObject({
      kind: 'unexpected',
      voterIndex: STRANGER,
      brokenBetween: 'database and chain',
      evidence: { database: 'does not hold it' },
    })
  })

  test('behavior: what had no definite answer may be there, or not', async () => {
    const there = await books({ told: silentToVictims })
    expect(there.findings.total).toBe(0)
    await client.query('delete from ballots')
    const notThere = await books({
      told: silentToVictims,
      database: all(without),
      chain: all(without),
    })
    expect(notThere.findings.total).toBe(0)
  })

  test('behavior: without a database nobody is blamed', async () => {
    await write({ told: accepted, database: all(), chain: all(without) })
    const { findings } = await sandbox.reconcile()
    expect(findings.byLink).toBeUndefined()
    expect(findings.listed).toHaveLength(VICTIMS.length)
    for (const finding of findings.listed) {
      expect(finding).not.toHaveProperty('brokenBetween')
      expect(finding.evidence).not.toHaveProperty('database')
    }
  })

  test('behavior: a database that cannot be read is a problem, and blames nobody', async () => {
    await write({ told: accepted, database: all(), chain: all(without) })
    const postgresUrl = postgres.url.replace(/:\d+\//, ':1/')
    const { findings, problems } = await sandbox.reconcile({ database: { postgresUrl } })
    expect(problems.join()).toContain('the database could not be read')
    expect(findings.listed[0]).toMatchObject({ kind: 'lost', ballot: VICTIMS[0] })
    expect(findings.listed[0]).not.toHaveProperty('brokenBetween')
  })

  test.each([
    ['falls silent', (outbound: Socket) => outbound.pause(), 'no answer for 1000 ms'],
    ['breaks off', (outbound: Socket) => outbound.destroy(), 'Connection terminated'],
  ])('behavior: a database that %s as it is read holds up nobody', async (_, end, problem) => {
    await write({ told: accepted, database: all(), chain: all(without) })
    const { port } = new URL(postgres.url)
    // Lets the login through, and of the answer to the query nothing.
    const proxy = createServer((inbound) => {
      const outbound = connect(Number(port), '127.0.0.1')
      inbound.on('data', (bytes) => {
        if (bytes.includes('from ballots')) end(outbound)
        else outbound.write(bytes)
      })
      outbound.on('data', (bytes) => inbound.write(bytes))
      for (const socket of [inbound, outbound]) socket.on('error', () => undefined)
      inbound.on('close', () => outbound.destroy())
      outbound.on('close', () => inbound.destroy())
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const address = proxy.address()
    const ownPort = typeof address === 'object' ? address?.port : undefined
    const postgresUrl = postgres.url.replace(`:${port}/`, `:${ownPort}/`)
    try {
      const database = { postgresUrl, silenceMsMax: 1000 }
      const { findings, problems } = await sandbox.reconcile({ database })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain('the database could not be read')
      expect(problems[0]).toContain(problem)
      expect(findings.listed[0]).not.toHaveProperty('brokenBetween')
    } finally {
      proxy.close()
    }
  })

  test('behavior: a third party can check the evidence by itself', async () => {
    for (const chain of [all(changed), all(twice), all(without)]) {
      const { findings } = await books({ chain })
      await client.query('delete from ballots')
      expect(findings.listed).toHaveLength(VICTIMS.length)
      for (const { ballot = -1, kind, evidence } of findings.listed) {
        // The signature is the voter's, by ethers' own encoder.
        const domain = {
          name: 'ballotstorm',
          version: '1',
          chainId: Number(evidence['chainId']),
          verifyingContract: String(evidence['verifyingContract']),
        }
        const fields = [
          { name: 'pollId', type: 'uint256' },
          { name: 'pollDigest', type: 'bytes32' },
          { name: 'choice', type: 'uint256' },
        ]
        const { pollDigest, signedChoice: choice, signature, voter } = evidence
        const said = { pollId: 1, pollDigest, choice }
        const digest = TypedDataEncoder.hash(domain, { Ballot: fields }, said)
        expect(recoverAddress(digest, String(signature)).toLowerCase()).toBe(voter)
        expect(voter).toBe(Address.toHex(Sandbox.addressOf(ballot)))
        // The receipt is the API's.
        const answer: unknown = JSON.parse(String(evidence['answer']))
        const receipt = Value.Parse(Receipt.Schema, Object(answer).receipt)
        const signer = Address.fromPrivateKey(Sandbox.RECEIPT_KEY)
        expect(Receipt.signer(receipt)).toEqual(signer)
        expect(evidence).toMatchObject({ status: 202, database: 'holds it' })
        const place = kind === 'lost' ? ['provenByBlockHash'] : ['blockHash', 'transaction']
        for (const name of place) expect(String(evidence[name])).toMatch(/^0x/)
      }
    }
  })

  test('behavior: where the database is the witness, only what changed in it is named', async () => {
    const [first, second] = [all().slice(0, 5), all().slice(5)]
    const [firstLater, secondLater] = [all(changed).slice(0, 5), second.filter(isKept)]
    await write({ told: accepted, database: [...firstLater, ...secondLater], chain: [] })
    const observations: Observation[] = [
      Sandbox.block(1, casts(first)),
      Sandbox.block(2, casts(second)),
      Sandbox.final(2),
      { kind: 'reorganisation', number: 0, depth: 2, droppedHashes: ['0x1', '0x2'], atMs: 1 },
      Sandbox.block(1, casts(firstLater), { branch: 'b' }),
      Sandbox.block(2, casts(secondLater), { branch: 'b' }),
      Sandbox.final(2, 'b'),
      ...Sandbox.sealing(3, 'b'),
    ]
    sandbox.observations(observations)
    const { findings, counts } = await sandbox.reconcile({
      witness: 'database',
      database: { postgresUrl: postgres.url },
    })
    expect(findings.listed.map(({ kind, ballot }) => [kind, ballot])).toEqual([
      ['altered', 3],
      ['finalityBroken', 3],
      ['finalityBroken', 7],
      ['lost', 7],
    ])
    expect(counts).toMatchObject({ reorganised: 2, lost: 1, altered: 1, finalityBroken: 2 })
    const links = findings.listed.map(({ brokenBetween }) => brokenBetween)
    const link = 'voter and database'
    expect(links).toEqual([link, undefined, undefined, link])
    // The same observations of a chain: every ballot of a final block lost its place.
    const chain = await sandbox.reconcile()
    expect(chain.counts).toMatchObject({ finalityBroken: BALLOTS, reorganised: BALLOTS })
  })
})

function isKept({ voterIndex }: Row): boolean {
  return voterIndex !== Sandbox.voterOf(7)
}

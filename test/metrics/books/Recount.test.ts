import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ImbalanceError, type Options } from '../../../metrics/books/reconcile.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 6
const { START_AT_MS, voterOf, block, final, sealing } = Sandbox

let sandbox: Sandbox.Sandbox
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  history()
})
afterEach(() => sandbox.dispose())

/** All but the last ballot were sent, and acknowledged unless told otherwise. */
function history(answers: Partial<Record<number, { status: number; body: string }>> = {}): void {
  const attempts = Array.from({ length: BALLOTS - 1 }, (_, ballot) => {
    const intendedAtMs = START_AT_MS + ballot * 10
    const times = { intendedAtMs, sentAtMs: intendedAtMs + 5, doneAtMs: intendedAtMs + 20 }
    const answer = answers[ballot] ?? { status: 202, body: sandbox.receipt(ballot) }
    return HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, ...answer })
  })
  const handed = { first: 0, count: BALLOTS - 1, atMs: START_AT_MS }
  sandbox.history(attempts, [HistoryLine.formatHandOver(handed)])
}

/** The ballot as its voter signed it, in the block's first transaction unless told otherwise. */
function cast(ballot: number, choice = ballot % 3, transaction = 0): Cast {
  return [1, voterOf(ballot), choice, transaction]
}

type Cast = [pollId: number, voterIndex: number, choice: number, transaction: number]

/** The whole evidence of a ballot is told by another test: here is where the chain has it. */
async function books(lines: Observation[], options: Partial<Options> = {}) {
  sandbox.observations(lines)
  const held = await sandbox.reconcile(options)
  const found = held.findings.listed.map(({ kind, ballot, voterIndex, message, evidence }) => {
    const { transaction, block: number, blockHash, seenChoice } = evidence
    return { kind, ballot, voterIndex, message, transaction, number, blockHash, seenChoice }
  })
  return { ...held, found }
}

/** Ballot 1, which was sent at 15 ms, is seen in a block so long after the start. */
function seen(afterMs: number): Observation[] {
  const others = FIRST.filter(([, voter]) => voter !== voterOf(1))
  return [
    block(1, [cast(1)], { seenAtMs: START_AT_MS + afterMs }),
    final(1),
    block(2, others),
    ...sealing(3),
  ]
}

/** What is found where calldata and events of a transaction in block 1 contradict each other. */
function contradicted(reason: string, transaction: string): object {
  return {
    kind: 'contradiction',
    message: `Calldata and events of a transaction in block 1 tell different things: ${reason}.`,
    evidence: { transaction, reason, block: 1, blockHash: HASH_1 },
  }
}

/** What a database has at another reading. */
function reading(casts: Cast[]): Observation[] {
  return [block(1, casts, { branch: 'b', parentBranch: 'a' }), ...sealing(2, 'b')]
}

const HASH_1 = block(1, []).hash
/** Block 1 leaves the chain. */
const change: Observation = {
  kind: 'reorganisation',
  number: 0,
  depth: 1,
  droppedHashes: [HASH_1],
  atMs: START_AT_MS,
}
const FIRST = [0, 1, 2, 3, 4].map((ballot) => cast(ballot))

describe('recount', () => {
  test('default: every ballot at its place, by poll and choice', async () => {
    const { counts, recount, found, problems } = await books([
      block(1, FIRST.slice(0, 2)),
      block(2, FIRST.slice(2)),
      ...sealing(3),
    ])
    expect(problems).toEqual([])
    expect(found).toEqual([])
    expect(recount).toEqual([{ pollId: 1, votes: [2, 2, 1] }])
    expect(counts).toMatchObject({ included: 5, final: 5, unsent: 1, unexpected: 0 })
  })

  test('behavior: what is not final yet is included, and not counted', async () => {
    const { counts, recount } = await books([block(1, FIRST), final(1), block(2, [])])
    expect(counts).toMatchObject({ included: 5, final: 5 })
    expect(recount).toEqual([{ pollId: 1, votes: [2, 2, 1] }])
    const open = await books([block(1, []), final(1), block(2, FIRST)])
    expect(open.counts).toMatchObject({ included: 5, final: 0, pending: 5 })
    expect(open.recount).toEqual([{ pollId: 1, votes: [0, 0, 0] }])
    expect(open.found).toEqual([])
  })

  test('behavior: a ballot that nobody planned is counted as the contract does, and told', async () => {
    const stranger: Cast = [1, 7, 2, 1]
    const elsewhere: Cast = [9, voterOf(0), 0, 0]
    const beyond: Cast = [1, 8, 4, 0]
    const { recount, found } = await books([
      block(1, [...FIRST, stranger, elsewhere, beyond]),
      ...sealing(2),
    ])
    const at = { transaction: '0xfirst-1-a', number: 1, blockHash: HASH_1, ballot: undefined }
    expect(found).toEqual([
      {
        ...at,
        kind: 'unexpected',
        voterIndex: 7,
        message: 'Block 1 counts a ballot of voter 7 in poll 1 that nobody planned.',
        transaction: '0xsecond-1-a',
        seenChoice: 2,
      },
      {
        ...at,
        kind: 'unexpected',
        voterIndex: voterOf(0),
        message: `Block 1 counts a ballot of voter ${voterOf(0)} in poll 9 that nobody planned.`,
        seenChoice: 0,
      },
      {
        ...at,
        kind: 'unexpected',
        voterIndex: 8,
        message: 'Block 1 counts a ballot of voter 8 in poll 1 that nobody planned.',
        seenChoice: 4,
      },
    ])
    expect(recount[0]?.votes).toEqual([2, 2, 2, undefined, 1])
    // Before it is final it may leave the chain again.
    expect((await books([block(1, []), final(1), block(2, [stranger])])).found).toEqual([])
  })

  test('behavior: one that was never sent, or definitely refused, must not count', async () => {
    history({ 1: { status: 403, body: '{"code":"CLOSED"}' }, 2: { status: 0, body: '' } })
    const { found } = await books([block(1, [...FIRST, cast(5)]), ...sealing(2)])
    const at = { transaction: '0xfirst-1-a', number: 1, blockHash: HASH_1 }
    expect(found).toEqual([
      {
        ...at,
        kind: 'unexpected',
        ballot: 1,
        voterIndex: voterOf(1),
        seenChoice: 1,
        message: 'Ballot 1 was definitely refused, and block 1 counts it all the same.',
      },
      {
        ...at,
        kind: 'unexpected',
        ballot: 5,
        voterIndex: voterOf(5),
        seenChoice: 2,
        message: 'Ballot 5 was never sent, and block 1 counts it all the same.',
      },
    ])
  })

  test('behavior: another choice than the signed one is told once', async () => {
    const lines = [block(1, [cast(0, 2), cast(0, 2, 1), ...FIRST.slice(1)]), ...sealing(2)]
    const { counts, found } = await books(lines)
    expect(counts).toMatchObject({ altered: 1, duplicated: 1, included: 5 })
    expect(found).toMatchObject([
      {
        kind: 'altered',
        ballot: 0,
        message: 'Ballot 0 was signed for choice 0, and block 1 counts it for choice 2.',
        transaction: '0xfirst-1-a',
        seenChoice: 2,
      },
      { kind: 'duplicated', ballot: 0, transaction: '0xsecond-1-a' },
    ])
    // Where it is not final nobody is accused.
    const open = await books([block(1, []), final(1), block(2, [cast(0, 2)])])
    expect(open.counts).toMatchObject({ altered: 0 })
  })

  test('behavior: a ballot that counts more than once is told once, with its first place', async () => {
    const lines = [block(1, FIRST), block(2, [cast(3, 0, 1)]), block(3, [cast(3)]), ...sealing(4)]
    const { findings, counts } = await books(lines)
    expect(counts).toMatchObject({ duplicated: 1, final: 5 })
    expect(findings.listed).toMatchObject([
      {
        kind: 'duplicated',
        ballot: 3,
        voterIndex: voterOf(3),
        message: 'Ballot 3 counts more than once: in block 1 and in block 2.',
        evidence: {
          firstTransaction: '0xfirst-1-a',
          firstBlock: 1,
          firstBlockHash: HASH_1,
          transaction: '0xsecond-2-a',
          block: 2,
          blockHash: block(2, []).hash,
          seenChoice: 0,
        },
      },
    ])
  })

  test('behavior: twice in one block, by two transactions', async () => {
    const lines = [block(1, [cast(3, 0, 1), cast(3), ...FIRST.slice(0, 3), FIRST[4] ?? cast(4)])]
    const { findings } = await books([...lines, ...sealing(2)])
    expect(findings.listed).toMatchObject([
      {
        kind: 'duplicated',
        message: 'Ballot 3 counts more than once: in block 1 and in block 1.',
        evidence: { firstTransaction: '0xsecond-1-a', firstBlock: 1, transaction: '0xfirst-1-a' },
      },
    ])
    // Of two of which the second is not final only one counts.
    const open = [block(1, FIRST), final(1), block(2, [cast(3)])]
    expect((await books(open)).counts.duplicated).toBe(0)
  })

  test('behavior: a transaction that a block does not name is unknown', async () => {
    const { found } = await books([block(1, [...FIRST, [1, 7, 2, 9]]), ...sealing(2)])
    expect(found).toMatchObject([{ kind: 'unexpected', transaction: 'unknown' }])
  })

  test('behavior: a ballot in a block from before it was sent is a problem of the clocks', async () => {
    expect((await books(seen(10))).problems).toEqual([])
    expect((await books(seen(9))).problems).toEqual([
      'ballot in a block before it was sent (1; first: ballot 1, block 1)',
    ])
  })

  test('behavior: calldata and events that contradict each other in a final block', async () => {
    const contradictions = [
      { transaction: '0xt', reason: 'an event without a call' },
      { transaction: '0xu', reason: 'another choice', pollId: 1, voterIndex: voterOf(2) },
      { transaction: '0xv', reason: 'a stranger', pollId: 1, voterIndex: 7 },
    ]
    const first = { ...block(1, FIRST), contradictions }
    const { findings } = await books([first, ...sealing(2)])
    expect(findings.listed).toMatchObject([
      contradicted('an event without a call', '0xt'),
      { ...contradicted('another choice', '0xu'), ballot: 2, pollId: 1, voterIndex: voterOf(2) },
      contradicted('a stranger', '0xv'),
    ])
    expect(findings.listed[2]).not.toHaveProperty('ballot')
    const open = await books([block(1, []), final(1), { ...block(2, FIRST), contradictions }])
    expect(open.found).toEqual([])
  })
})

describe('recount of a chain that changed', () => {
  test('behavior: what left before it was final is waiting again, or elsewhere', async () => {
    const { counts, found } = await books([
      block(1, FIRST),
      change,
      block(1, FIRST.slice(1), { branch: 'b', parentBranch: 'a' }),
      ...sealing(2, 'b'),
    ])
    expect(found).toMatchObject([{ kind: 'lost', ballot: 0 }])
    expect(counts).toMatchObject({ reorganised: 5, included: 4, finalityBroken: 0 })
  })

  test('behavior: what was final and left is told for each ballot once', async () => {
    const stranger: Cast = [1, 7, 2, 1]
    const { counts, found } = await books([
      block(1, [cast(0), cast(0), stranger]),
      final(1),
      change,
      block(1, FIRST, { branch: 'b', parentBranch: 'a' }),
      ...sealing(2, 'b'),
    ])
    const at = { kind: 'finalityBroken', number: 1, blockHash: HASH_1 }
    const ending = 'was final and left the chain, with the ballot of voter'
    expect(found).toEqual([
      {
        ...at,
        ballot: 0,
        voterIndex: voterOf(0),
        transaction: '0xfirst-1-a',
        seenChoice: 0,
        message: `Block 1 ${ending} ${voterOf(0)} in poll 1.`,
      },
      {
        ...at,
        ballot: undefined,
        voterIndex: 7,
        transaction: '0xsecond-1-a',
        seenChoice: 2,
        message: `Block 1 ${ending} 7 in poll 1.`,
      },
    ])
    expect(counts).toMatchObject({ finalityBroken: 2, reorganised: 1, final: 5 })
  })

  test('behavior: an empty block that was final and left is told by itself', async () => {
    const { findings } = await books([
      block(1, []),
      final(1, 'a', START_AT_MS + 7),
      change,
      block(1, FIRST, { branch: 'b', parentBranch: 'a' }),
      ...sealing(2, 'b'),
    ])
    expect(findings.listed).toEqual([
      {
        kind: 'finalityBroken',
        message: 'Block 1 was final and left the chain.',
        evidence: { block: 1, blockHash: HASH_1, finalAtMs: START_AT_MS + 7 },
      },
    ])
    const unfinal = await books([
      block(1, []),
      change,
      block(1, FIRST, { branch: 'b', parentBranch: 'a' }),
      ...sealing(2, 'b'),
    ])
    expect(unfinal.findings.listed).toEqual([])
  })
})

describe('recount of a database', () => {
  test('behavior: only what changed is told, though all was read again', async () => {
    const { counts, found } = await books(
      [block(1, FIRST), final(1), change, ...reading([...FIRST.slice(0, 3), cast(3, 2)])],
      { witness: 'database' },
    )
    expect(found.map(({ kind, ballot }) => [kind, ballot])).toEqual([
      ['altered', 3],
      ['finalityBroken', 3],
      ['finalityBroken', 4],
      ['lost', 4],
    ])
    expect(counts).toMatchObject({ finalityBroken: 2, reorganised: 2, altered: 1, lost: 1 })
  })

  test('behavior: what stood altered before and still does has not changed', async () => {
    const before = [...FIRST.slice(0, 4), cast(4, 0)]
    const same = await books([block(1, before), final(1), change, ...reading(before)], {
      witness: 'database',
    })
    expect(same.counts).toMatchObject({ finalityBroken: 0, altered: 1, reorganised: 0 })
    // Put right again it was changed all the same.
    const mended = await books([block(1, before), final(1), change, ...reading(FIRST)], {
      witness: 'database',
    })
    expect(mended.found.map(({ kind, ballot }) => [kind, ballot])).toEqual([['finalityBroken', 4]])
  })

  test('behavior: what went before it was final, and what nobody planned, is nobody’s loss', async () => {
    const stranger: Cast = [1, 7, 2, 1]
    const { counts, found } = await books(
      [block(1, [cast(0), stranger]), change, ...reading(FIRST.slice(1))],
      { witness: 'database' },
    )
    expect(counts).toMatchObject({ reorganised: 1, finalityBroken: 0, lost: 1 })
    expect(found.map(({ kind }) => kind)).toEqual(['lost'])
  })
})

describe('reconcile, of what the witness saw beside', () => {
  const at = START_AT_MS + 77

  test('behavior: two blocks at one final height, named with their nodes', async () => {
    const hashes = [
      { rpcUrl: 'http://one:1', hash: '0xa' },
      { rpcUrl: 'http://other:2', hash: '0xb' },
    ]
    const { findings, sources } = await books([
      block(1, FIRST),
      ...sealing(2),
      { kind: 'disagreement', number: 1, hashes, atMs: at },
    ])
    expect(findings).toEqual({
      total: 1,
      listed: [
        {
          kind: 'nodesDisagree',
          message: 'Two nodes call different blocks final at height 1.',
          evidence: {
            block: 1,
            seenAtMs: at,
            node0: 'http://one:1',
            hash0: '0xa',
            node1: 'http://other:2',
            hash1: '0xb',
          },
        },
      ],
    })
    expect(sources).toBeUndefined()
  })

  test('behavior: a block that does not hold names its node; what nobody can check accuses nobody', async () => {
    const fault: Observation = {
      kind: 'fault',
      number: 1,
      hash: '0xa',
      rpcUrl: 'http://one:1/path',
      faults: ['its hash is another', 'its root too'],
      isCheckable: true,
      atMs: at,
    }
    const { findings, problems } = await books([
      block(1, FIRST),
      ...sealing(2),
      fault,
      { ...fault, number: 2, isCheckable: false },
    ])
    expect(findings.listed).toEqual([
      {
        kind: 'brokenBlock',
        message: 'Block 1 as one:1 shows it does not hold: its hash is another; its root too.',
        evidence: { block: 1, blockHash: '0xa', node: 'one:1', seenAtMs: at },
      },
    ])
    expect(problems).toEqual([
      'the witness could not check a block (1; first: 2: its hash is another; its root too)',
    ])
  })

  test('behavior: whom the witness asked, without what their addresses hide', async () => {
    const node = { blockCount: 2, agreedNumber: 1, isHeard: true }
    const { sources } = await books([
      block(1, FIRST),
      ...sealing(2),
      {
        kind: 'nodes',
        nodes: [{ rpcUrl: 'http://user:secret@one:1/path', ...node }],
        seals: 'qbft',
        validators: ['0x1', '0x2'],
      },
    ])
    expect(sources).toEqual({
      nodes: [{ name: 'one:1', ...node }],
      seals: 'qbft',
      validatorCount: 2,
    })
  })

  test('behavior: links are counted where there is a database, or it is the witness', async () => {
    const lines = [block(1, FIRST.slice(1)), ...sealing(2)]
    expect((await books(lines)).findings).not.toHaveProperty('byLink')
    const { findings } = await books(lines, { witness: 'database' })
    expect(findings.byLink).toEqual({ 'voter and database': 1, 'database and chain': 0 })
  })

  test('behavior: a voter who signed what counts accuses nobody', async () => {
    const asked: unknown[] = []
    const lines = [block(1, [cast(0, 2, 1), ...FIRST.slice(1)]), ...sealing(2)]
    const { findings, signedTwice, counts } = await books(lines, {
      signedIn: (transaction, ballot) => {
        asked.push([transaction, ballot])
        return Promise.resolve('0xsecond')
      },
    })
    expect(findings.listed).toEqual([])
    expect(counts.altered).toBe(0)
    expect(signedTwice).toMatchObject({
      count: 1,
      listed: [{ ballot: 0, evidence: { secondSignature: '0xsecond', seenChoice: 2 } }],
    })
    const voter = Sandbox.addressOf(0)
    expect(asked).toEqual([
      ['0xsecond-1-a', { pollId: 1, voterIndex: voterOf(0), choice: 2, voter }],
    ])
    // Of a transaction that the block does not name nobody can say what it holds.
    const unnamed = [block(1, [cast(0, 2, 9), ...FIRST.slice(1)]), ...sealing(2)]
    asked.splice(0)
    await books(unnamed, {
      signedIn: (transaction) => {
        asked.push(transaction)
        return Promise.resolve(undefined)
      },
    })
    expect(asked).toEqual([''])
  })

  test('behavior: refused ballots are counted by reason', async () => {
    history({
      1: { status: 403, body: '{"code":"CLOSED"}' },
      2: { status: 403, body: '{"code":"X"}' },
    })
    const { refusals } = await books([block(1, []), ...sealing(2)])
    expect(refusals).toEqual([
      { reason: 'CLOSED', count: 1 },
      { reason: 'X', count: 1 },
    ])
  })

  test('behavior: a published result of a poll that is none of the plan’s differs from nothing', async () => {
    const published = [
      { pollId: 9, votes: [1] },
      { pollId: 1, votes: [2, 2, 1] },
    ]
    const { findings } = await books([block(1, FIRST), ...sealing(2)], { published })
    expect(findings.listed).toMatchObject([
      { kind: 'tallyMismatch', pollId: 9, evidence: { tally: '1', recount: '' } },
    ])
  })

  test('boundary: before the storm has begun nobody need have heard anything', async () => {
    const lines = [block(1, FIRST), ...sealing(2)]
    const { problems } = await books(lines, { deadlineMs: START_AT_MS })
    expect(problems).toEqual([])
  })
})

describe('ImbalanceError', () => {
  test('default: all that does not add up', () => {
    expect(new ImbalanceError(['1 is not 2', '3 is not 4'])).toMatchObject({
      name: 'reconcile.ImbalanceError',
      code: 'BOOKS_IMBALANCE',
      exitCode: 1,
      message: 'The books do not balance: 1 is not 2; 3 is not 4.',
    })
  })
})

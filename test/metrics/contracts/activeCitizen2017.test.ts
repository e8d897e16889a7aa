import { describe, expect, test } from 'vitest'

import { callsIn, decodeCall, decoder } from '../../../metrics/contracts/activeCitizen2017.ts'
import type { Executed, Reading } from '../../../metrics/contracts/Decoder.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Voters from '../../contracts/Voters.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as Recording from '../../helpers/Recording.ts'
import { ELSEWHERE, executedIn, only } from './recorded.ts'

const recording = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')
const { contract: main, questions, blocks } = recording.facts
const wire = ActiveCitizen2017.question

/** What happened by its name. */
function happened(name: string): Executed {
  return only(executedIn(recording, blocks[name]))
}

const VOTE = happened('voter 2')
const KEY = ActiveCitizen2017.userKey(2, `0x${Voters.address(2).toString('hex')}`)

function readOne(name: string, change: Partial<Executed> = {}): Reading {
  return decoder.read([{ ...happened(name), ...change }], { main, questions })
}

function reasons({ contradictions }: Reading): string[] {
  return contradictions.map(({ reason }) => reason)
}

function voting(options: number[], { version = 1, key = KEY } = {}): string {
  return wire.encodeFunctionData('vote', [version, key, options, '', ''])
}

describe('decodeCall', () => {
  test('default: a vote, and a poll that is pointed at', () => {
    expect(decodeCall(VOTE.input)).toEqual({
      method: 'vote',
      version: questions[0]?.version,
      userKey: KEY,
      options: [2],
    })
    const address = `0x${'ab'.repeat(20)}`
    const push = ActiveCitizen2017.root.encodeFunctionData('pushAddress', [2n ** 70n, address])
    expect(decodeCall(push)).toEqual({ method: 'pushAddress', poll: String(2n ** 70n), address })
  })

  test('behavior: another call, and one whose lists are beyond the gas of any block, are none', () => {
    expect(decodeCall('0x12345678')).toBeUndefined()
    const huge = 'ff'.repeat(31)
    for (const at of [1, 2]) {
      const [head, tail] = [VOTE.input.slice(0, 10), VOTE.input.slice(10)]
      const words = tail.match(/.{64}/g) ?? []
      const place = Number(`0x${words[at] ?? '0'}`) / 32
      words[place] = `00${huge}`
      expect(decodeCall(head + words.join(''))).toBeUndefined()
    }
  })
})

describe('callsIn', () => {
  test('default: the transactions to questions, with the voter that the key names', () => {
    const [call, ...more] = callsIn([VOTE, happened('moved')], questions)
    expect(more).toEqual([])
    expect(call).toMatchObject({
      question: questions[0],
      transaction: VOTE.hash,
      vote: { userKey: KEY, options: [2], refusal: undefined, voter: { voterIndex: 2 } },
    })
    expect(
      callsIn(
        [
          { ...VOTE, to: ELSEWHERE },
          { ...VOTE, to: null },
        ],
        questions,
      ),
    ).toEqual([])
    const upper = VOTE.to?.toUpperCase().replace('X', 'x')
    expect(callsIn([{ ...VOTE, to: upper }], questions)).toHaveLength(1)
  })

  test('behavior: a call of a question that is no vote is told without one', () => {
    const data = wire.encodeFunctionData('VoterCount')
    expect(callsIn([{ ...VOTE, input: data }], questions)).toEqual([
      { question: questions[0], transaction: VOTE.hash, vote: undefined },
    ])
  })

  test('behavior: why the contract refused, by the events of that question alone', () => {
    const again = happened('again')
    const refusalOf = (logs: Executed['logs']) =>
      callsIn([{ ...again, logs }], questions)[0]?.vote?.refusal
    expect(refusalOf(again.logs)).toBe(1)
    expect(refusalOf(again.logs.map((log) => ({ ...log, address: ELSEWHERE })))).toBeUndefined()
    const denied = ActiveCitizen2017.owned.getEvent('AccessDenied')?.topicHash ?? ''
    const log = { address: questions[0]?.address ?? '', topics: [denied], data: '0x' }
    expect(refusalOf([log])).toBe('access denied')
    expect(refusalOf([{ ...log, topics: [`0x${'22'.repeat(32)}`] }])).toBeUndefined()
  })
})

describe('read', () => {
  test('default: a vote with the voter’s address that its key holds', () => {
    expect(readOne('voter 2')).toEqual({
      transactions: [VOTE.hash],
      ballots: [
        {
          pollId: 1,
          voterIndex: 2,
          choice: 2,
          skipReason: 0,
          transaction: 0,
          proof: { kind: 'key', bytes: Voters.address(2) },
        },
      ],
      roots: [],
      contradictions: [],
      pushes: [],
    })
  })

  test('behavior: a second vote is skipped as one that came again, and is no contradiction', () => {
    const { ballots, contradictions } = readOne('again')
    expect(ballots).toMatchObject([{ voterIndex: 1, choice: 2, skipReason: 7 }])
    expect(contradictions).toEqual([])
    const several = readOne('again', { input: voting([0, 1]) })
    expect([several.ballots.length, several.contradictions]).toEqual([2, []])
  })

  test('behavior: a vote that was refused for another reason is none', () => {
    const [error] = happened('again').logs
    const data = `${error?.data.slice(0, 2 + 3 * 64)}${'2'.padStart(64, '0')}${error?.data.slice(2 + 4 * 64)}`
    const logs = error === undefined ? [] : [{ ...error, data }]
    expect(readOne('again', { logs }).ballots).toEqual([])
  })

  test('behavior: a key that names no voter is the service’s word alone', () => {
    const { ballots } = readOne('alien')
    expect(ballots).toMatchObject([{ pollId: 2, voterIndex: 0, choice: 0 }])
    expect(ballots[0]?.proof).toEqual({ kind: 'unnamed', bytes: new Uint8Array() })
  })

  test('behavior: an option named twice counts twice, and is a contradiction', () => {
    const { ballots, contradictions } = readOne('thrice')
    expect(ballots.map(({ choice, proof }) => [choice, proof.kind])).toEqual([
      [1, 'key'],
      [1, 'further'],
      [1, 'further'],
    ])
    expect(contradictions).toEqual([
      { transaction: happened('thrice').hash, reason: expect.stringContaining('3 options') },
    ])
    expect(contradictions[0]?.reason).toContain('1, 1, 1')
    expect(reasons(readOne('voter 2', { input: voting([]) }))).toEqual([
      expect.stringContaining('0 options'),
    ])
  })

  test('behavior: a vote in another version is not in the poll’s result', () => {
    const told = readOne('voter 2', { input: voting([2], { version: 9 }) })
    expect(told.ballots).toEqual([])
    expect(reasons(told)).toEqual([expect.stringMatching(/version 9.*version 1/)])
    expect(told.transactions).toEqual([VOTE.hash])
  })

  test.each([
    ['255 options', Array.from({ length: 255 }, () => 1), 255],
    ['256 options', Array.from({ length: 256 }, () => 1), 0],
    ['option 255', [255], 1],
    ['option 256', [256], 0],
    ['option 256 between others', [0, 256, 3], 0],
  ])('behavior: a vote of %s holds so many ballots: %j', (_, options, count) => {
    const told = readOne('voter 2', { input: voting(options) })
    expect(told.ballots).toHaveLength(count)
    expect(told.contradictions.length > 0).toBe(count !== 1)
  })

  test('behavior: a poll that is pointed elsewhere is told, by the Root’s own number', () => {
    const { pushes } = readOne('moved')
    expect(pushes).toEqual([
      {
        poll: '2',
        address: expect.stringMatching(/^0x[0-9a-f]{40}$/),
        transaction: happened('moved').hash,
      },
    ])
    expect(readOne('moved', { to: ELSEWHERE }).pushes).toEqual([])
    expect(readOne('moved', { input: VOTE.input }).pushes).toEqual([])
    const denied = ActiveCitizen2017.owned.getEvent('AccessDenied')?.topicHash ?? ''
    const logs = [{ address: main, topics: [denied], data: '0x' }]
    expect(readOne('moved', { logs }).pushes).toEqual([])
  })
})

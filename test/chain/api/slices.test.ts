import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const NOW_S = Math.floor(Date.now() / 1000)
/** Two houses, door to door. */
const HOUSE = { firstVoter: 100, voterCount: 50 }
const NEXT_HOUSE = { firstVoter: 150, voterCount: 60 }

let postgres: Postgres.Postgres
let api: Api.Api

beforeAll(async () => {
  postgres = await Postgres.start()
  const pool = Postgres.connect(postgres.url, 1)
  await Polls.insert(pool, [
    { ...City.poll(1, NOW_S), slice: HOUSE },
    { ...City.poll(2, NOW_S), slice: NEXT_HOUSE },
    City.poll(3, NOW_S),
  ])
  await pool.end()
  api = await Api.start(postgres.url)
})

afterAll(async () => {
  await api.dispose()
  await postgres.dispose()
})

describe('POST /polls/{pollId}/ballots', () => {
  test.each([
    [1, 100],
    [1, 149],
    [2, 150],
    [2, 209],
    [3, 149],
    [3, 0],
  ])('default: poll %d takes the ballot of voter %d', async (pollId, voter) => {
    const path = `/polls/${pollId}/ballots`
    expect(await api.call('POST', path, City.ballot(pollId, voter, 1))).toMatchObject({
      status: 202,
    })
  })

  test.each([
    [1, 99],
    [1, 150],
    [2, 149],
    [2, 210],
  ])('error: poll %d is not for voter %d, who is registered', async (pollId, voter) => {
    const path = `/polls/${pollId}/ballots`
    expect(await api.call('POST', path, City.ballot(pollId, voter, 1))).toMatchObject({
      status: 403,
      json: { code: 'VOTER_NOT_REGISTERED' },
    })
  })
})

describe('GET /polls/{pollId}', () => {
  test('default: tells the slice where there is one', async () => {
    expect((await api.call('GET', '/polls/1')).json).toMatchObject({ slice: HOUSE })
    expect((await api.call('GET', '/polls/3')).json).not.toHaveProperty('slice')
    expect((await api.call('GET', '/polls')).json.polls).toMatchObject([
      { slice: HOUSE },
      { slice: NEXT_HOUSE },
      {},
    ])
  })
})

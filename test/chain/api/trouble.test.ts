import { afterAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import { until } from '../../helpers/systemChild.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const cleanUp: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

async function setUp(settings: Record<string, string> = {}, config: object = {}) {
  const postgres = await Postgres.start({ settings })
  cleanUp.push(() => postgres.dispose())
  const pool = Postgres.connect(postgres.url)
  cleanUp.push(() => pool.end())
  const nowS = Math.floor(Date.now() / 1000)
  await Polls.insert(pool, [City.poll(1, nowS)])
  // No relayer drains here; long blocks keep the API from minding that.
  const api = await Api.start(postgres.url, { blockTimeMs: 60_000, ...config })
  cleanUp.push(() => api.dispose())
  return { postgres, pool, api }
}

function vote(api: Api.Api, voterIndex: number): Promise<Api.Answer> {
  return api.call('POST', '/polls/1/ballots', City.ballot(1, voterIndex, 0))
}

describe.concurrent('GET /readyz', () => {
  test.each([['fsync'], ['synchronous_commit'], ['full_page_writes']])(
    'error: not ready with %s off',
    async (setting) => {
      const { api } = await setUp({ [setting]: 'off' })
      const { status, json } = await api.call('GET', '/readyz')
      expect(status).toBe(503)
      expect(json.reasons).toEqual([expect.stringContaining(`${setting} is off`)])
    },
  )

  test('error: not ready without migrations or database', async () => {
    const postgres = await Postgres.start({ migrated: false })
    cleanUp.push(() => postgres.dispose())
    const api = await Api.start(postgres.url)
    cleanUp.push(() => api.dispose())
    const missing = await api.call('GET', '/readyz')
    expect([missing.status, missing.json.reasons]).toEqual([
      503,
      ['Migrations are missing: 001_ballots, 002_carriers, 003_slices.'],
    ])
    await postgres.crash()
    const gone = await api.call('GET', '/readyz')
    expect([gone.status, gone.json.reasons?.[0]]).toEqual([
      503,
      expect.stringContaining('The database does not answer'),
    ])
    expect((await api.call('GET', '/healthz')).status).toBe(200)
  })
})

describe.concurrent('capacity', () => {
  test('error: 503 BACKLOG while nothing drains', async () => {
    const { api } = await setUp({}, { blockTimeMs: 1000 })
    expect((await vote(api, 0)).status).toBe(202)
    // After five blocks the ballot that waits says so.
    await until('refused', async () => (await vote(api, 1)).json.code === 'BACKLOG')
    const answer = await vote(api, 1)
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
  })

  test('error: 503 OVERLOADED when the queue is full', async () => {
    const { api, postgres } = await setUp({}, { ballotsQueuedMax: 3 })
    await vote(api, 0)
    await postgres.crash()
    const answers = Array.from({ length: 40 }, (_, index) => vote(api, index + 1))
    const first = await Promise.race(answers)
    expect([first.status, first.json.code, first.headers['retry-after']]).toEqual([
      503,
      'OVERLOADED',
      '1',
    ])
    await postgres.restart()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 202).length).toBeGreaterThanOrEqual(3)
  })

  test('error: 503 while the database is away, 202 when it is back', async () => {
    const { api, postgres } = await setUp()
    await vote(api, 0)
    await postgres.crash()
    const answers = await Promise.all([1, 2, 3].map((voter) => vote(api, voter)))
    for (const answer of answers)
      expect(answer.json.code).toMatch(/^(UNKNOWN|DATABASE_UNREACHABLE)$/)
    expect((await vote(api, 4)).json.code).toBe('DATABASE_UNREACHABLE')
    await postgres.restart()
    await until('taken again', async () => (await vote(api, 5)).status === 202)
    // Whoever got no definite answer sends the same ballot again.
    expect((await vote(api, 1)).status).toBe(202)
  })
})

describe.concurrent('SIGTERM', () => {
  test('default: whatever is under way is answered, and the exit code is 0', async () => {
    const { api, pool } = await setUp()
    await vote(api, 0)
    const answers = Array.from({ length: 150 }, (_, index) =>
      vote(api, index + 1).catch(() => undefined),
    )
    // One answer is there, most are under way.
    await Promise.race(answers)
    const stopAtMs = performance.now()
    const exitCode = api.stop('SIGTERM')
    const settled = await Promise.all(answers)
    expect(await exitCode).toBe(0)
    // Connections that are kept alive do not hold it up.
    expect(performance.now() - stopAtMs).toBeLessThan(5000)
    const acknowledged = settled.filter((answer) => answer?.status === 202).length
    const { rows } = await pool.query<{ count: number }>(
      'select count(*)::int as count from ballots',
    )
    expect(rows[0]?.count).toBe(acknowledged + 1)
    expect(acknowledged).toBeGreaterThan(0)
    for (const answer of settled) expect([202, 503, undefined]).toContain(answer?.status)
  })
})

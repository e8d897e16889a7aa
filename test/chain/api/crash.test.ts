import { describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import type * as Pool from '../../../chain/database/Pool.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const CRASHES = 5
const ACKNOWLEDGED_BETWEEN_CRASHES = 300

/** Votes without pause while PostgreSQL is killed and started again, and asks then what is there. */
async function voteThroughCrashes(settings: Record<string, string>) {
  const postgres = await Postgres.start({ settings })
  const pool = Postgres.connect(postgres.url)
  await Polls.insert(pool, [City.poll(1, Math.floor(Date.now() / 1000))])
  // Whatever the settings, the crashes meet ballots only.
  await pool.query('checkpoint')
  // No relayer drains here; long blocks keep the API from minding that.
  const api = await Api.start(postgres.url, { blockTimeMs: 60_000 })
  const acknowledged = new Set<string>()
  const statuses = new Set<string>()
  const underWayAtCrash: number[] = []
  let underWay = 0
  let voter = 0
  const over = new AbortController()
  let votes: Promise<void>[] = []

  async function vote(): Promise<void> {
    while (!over.signal.aborted && voter < Api.VOTERS) {
      const ballot = City.ballot(1, voter++, 0)
      underWay++
      const answer = await api.call('POST', '/polls/1/ballots', ballot)
      underWay--
      statuses.add(`${answer.status} ${answer.json.code ?? ''}`.trim())
      if (answer.status === 202) acknowledged.add(answer.json.receipt?.ballotHash ?? '')
    }
  }

  try {
    votes = Array.from({ length: 40 }, vote)
    for (let crash = 1; crash <= CRASHES; crash++) {
      await until(() => acknowledged.size >= crash * ACKNOWLEDGED_BETWEEN_CRASHES)
      underWayAtCrash.push(underWay)
      await postgres.crash()
      await postgres.restart()
    }
    over.abort()
    await Promise.all(votes)
    const { rows } = await stored(pool)
    const hashes = new Set(rows.map(({ hash }) => hash))
    const lost = [...acknowledged].filter((hash) => !hashes.has(hash))
    return { acknowledged, lost, statuses, underWayAtCrash }
  } finally {
    over.abort()
    await Promise.allSettled(votes)
    await api.dispose()
    await pool.end()
    await postgres.dispose()
  }
}

/** Connections of before the crash break, and a busy machine takes its time with new ones. */
async function stored(pool: Pool.Pool, attemptsLeft = 10): Promise<{ rows: { hash: string }[] }> {
  const text = `select '0x' || encode(ballot_hash, 'hex') as hash from ballots`
  try {
    return await pool.query<{ hash: string }>(text)
  } catch (error) {
    if (attemptsLeft === 0) throw error
    return stored(pool, attemptsLeft - 1)
  }
}

/** Of 5 ms: it must come, and a busy machine takes its time. */
const TURNS_MAX = 16_000

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX && !isTrue(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(isTrue()).toBe(true)
}

describe.concurrent('PostgreSQL is killed under load', { timeout: 120_000 }, () => {
  test('default: whatever was acknowledged is there', async () => {
    const { acknowledged, lost, statuses, underWayAtCrash } = await voteThroughCrashes({})
    expect(lost).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(CRASHES * ACKNOWLEDGED_BETWEEN_CRASHES)
    expect(Math.min(...underWayAtCrash)).toBeGreaterThan(0)
    expect(
      [...statuses].filter((status) => !/^(202|503 DATABASE_UNREACHABLE)$/.test(status)),
    ).toEqual([])
  })

  test('behavior: without synchronous commit acknowledged ballots are lost', async () => {
    const { lost } = await voteThroughCrashes({
      synchronous_commit: 'off',
      wal_writer_delay: '10000ms',
    })
    expect(lost.length).toBeGreaterThan(0)
  })
})

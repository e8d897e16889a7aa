import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Backlog from '../../../chain/api/Backlog.ts'
import * as Polls from '../../../chain/database/Polls.ts'
import type * as Pool from '../../../chain/database/Pool.ts'
import * as Postgres from '../database/postgres.ts'
import * as City from './city.ts'

const reading: Backlog.Reading = { readAtMs: 0, ballots: 0, oldestAgeMs: 0, finalPerS: 0 }

describe('reachesChainAtMs', () => {
  test.each([
    // 3,000 ballots at 17/s need 176 s, at 300/s 10 s, at 3,333/s less than one; and two blocks.
    [17, 176_471 + 2000],
    [300, 10_000 + 2000],
    [3333, 900 + 2000],
  ])('default: at %d/s', (finalPerS, expectedMs) => {
    const behind = { ...reading, ballots: 3000, oldestAgeMs: 60_000, finalPerS }
    expect(Math.round(Backlog.reachesChainAtMs(behind, 0, 1000))).toBe(expectedMs)
  })

  test('behavior: an empty outbox takes two blocks', () => {
    expect(Backlog.reachesChainAtMs(reading, 5000, 250)).toBe(5500)
  })

  test('behavior: where nothing drains, never', () => {
    const stalled = { ...reading, ballots: 1, oldestAgeMs: 60_000 }
    expect(Backlog.reachesChainAtMs(stalled, 0, 1000)).toBe(Infinity)
  })
})

describe('drainPerS', () => {
  test('default: a relayer that keeps up is believed to manage the assumed rate', () => {
    const idle = { ...reading, ballots: 40, oldestAgeMs: 5000, finalPerS: 17 }
    expect(Backlog.drainPerS(idle, 1000)).toBe(Backlog.ASSUMED_DRAIN_PER_S)
    expect(Backlog.drainPerS({ ...idle, finalPerS: 950 }, 1000)).toBe(950)
  })

  test('behavior: one that does not keep up is taken at its measured word', () => {
    const late = { ...reading, ballots: 40, oldestAgeMs: 5001, finalPerS: 17 }
    expect(Backlog.drainPerS(late, 1000)).toBe(17)
  })
})

describe('isStale', () => {
  test('default', () => {
    expect(Backlog.isStale(undefined, 0)).toBe(true)
    expect(Backlog.isStale({ ...reading, readAtMs: 1000 }, 4000)).toBe(false)
    expect(Backlog.isStale({ ...reading, readAtMs: 1000 }, 4001)).toBe(true)
  })
})

describe('read', () => {
  let postgres: Postgres.Postgres
  let pool: Pool.Pool

  beforeAll(async () => {
    postgres = await Postgres.start()
    pool = Postgres.connect(postgres.url)
    await Polls.insert(pool, [City.poll(1, 1000)])
  })

  afterAll(async () => {
    await pool.end()
    await postgres.dispose()
  })

  /** A batch of ballots, or ballots without one. */
  async function put(state: string | undefined, ballots: number, age = '0 s'): Promise<void> {
    const batch = await pool.query<{ batch_id: string }>(
      `insert into batches (relayer, state, lease_until, nonce, raw_transaction, updated_at,
         ballot_count, oldest_accepted_at_ms)
       select 'r', $1::text, now(), (select count(*) from batches), '\\x00', now() - $2::interval,
         $3, 1000 + (select count(*) from ballots)
       where $1::text is not null returning batch_id`,
      [state ?? null, age, ballots],
    )
    await pool.query(
      `insert into ballots (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature, batch_id)
       select sha256(i::text::bytea), 1, i, 0, $3, 1000 + i, $3, $2
       from generate_series((select count(*) from ballots), (select count(*) from ballots) + $1 - 1) as i`,
      [ballots, batch.rows[0]?.batch_id ?? null, Buffer.alloc(65)],
    )
  }

  test('default', async () => {
    expect(await Backlog.read(pool, 9000)).toEqual({ ...reading, readAtMs: 9000 })
    await put('final', 100, '9 s')
    await put('included', 50)
    await put('final', 7, '11 s')
    await put('sent', 20)
    await put('claimed', 3)
    await put(undefined, 5)
    expect(await Backlog.read(pool, 9000)).toEqual({
      readAtMs: 9000,
      ballots: 28,
      // One of the batches became final too long ago. Ballot 157 is the first of those that wait.
      oldestAgeMs: 9000 - 1157,
      finalPerS: 10,
    })
  })

  test('behavior: the watch follows, and says when it cannot', { timeout: 30_000 }, async () => {
    const watch = await Backlog.watch((nowMs) => Backlog.read(pool, nowMs), Date.now)
    const before = watch.latest()?.ballots ?? -1
    await put(undefined, 11)
    await expect.poll(() => watch.latest()?.ballots, { timeout: 3000 }).toBe(before + 11)
    await postgres.crash()
    await expect
      .poll(() => Backlog.isStale(watch.latest(), Date.now()), { timeout: 8000 })
      .toBe(true)
    await postgres.restart()
    await expect
      .poll(() => Backlog.isStale(watch.latest(), Date.now()), { timeout: 8000 })
      .toBe(false)
    watch.stop()
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Gaps from '../../../../metrics/witness/database/Gaps.ts'
import * as Reader from '../../../../metrics/witness/database/Reader.ts'
import * as Rows from '../../../../metrics/witness/database/Rows.ts'
import * as Metrics from '../../../../metrics/witness/Metrics.ts'
import * as Table from './Table.ts'

let table: Table.Table
let rows: Rows.Rows
let reader: Reader.Reader
let metrics: Metrics.Metrics
let nowMs: number

beforeAll(async () => {
  table = await Table.start()
  rows = Rows.open(table.postgres.url)
})
afterAll(async () => {
  await rows.close()
  await table.dispose()
})
beforeEach(async () => {
  await table.clear()
  nowMs = 1_000_000
  metrics = Metrics.create()
  reader = Reader.create({ rows, record: table.record, metrics, now: () => nowMs })
})

describe('readNext', () => {
  test('default: new rows are a block, and final', async () => {
    const clockS = Math.floor(Date.now() / 1000)
    await table.insert(7, 1)
    await table.insert(9, 0)
    await reader.readNext()
    nowMs += 500
    await reader.readNext()
    await table.insert(4, 2)
    await reader.readNext()
    const [block, final, second] = table.observed()
    expect(block).toMatchObject({
      kind: 'block',
      number: 1,
      seenAtMs: 1_000_000,
      transactions: ['row 1', 'row 2'],
      casts: [
        [1, 7, 1, 0],
        [1, 9, 0, 1],
      ],
      skips: [],
      contradictions: [],
    })
    if (block?.kind !== 'block') throw new Error('no block')
    expect(Math.abs(block.timestamp - clockS)).toBeLessThan(60)
    expect(final).toEqual({ kind: 'final', number: 1, hash: block.hash, atMs: 1_000_000 })
    expect(second).toMatchObject({ number: 2, parentHash: block.hash, casts: [[1, 4, 2, 0]] })
    expect(await metrics.registry.metrics()).toContain(
      'ballotstorm_witness_ballots_final_total 3\n',
    )
  })

  test('behavior: a table that stands still is a block a second', async () => {
    await table.insert(7, 1)
    for (let step = 0; step < 25; step += 1, nowMs += 100) await reader.readNext()
    expect(Table.ballotsOf(table.observed()).map((block) => block.length)).toEqual([1, 0, 0])
  })

  test('behavior: a row that commits after a later one is read all the same', async () => {
    const slow = await table.connect()
    await slow.query('begin')
    await table.insert(1, 0, slow)
    await table.insert(2, 0)
    await reader.readNext()
    await reader.readNext()
    expect(Table.ballotsOf(table.observed())).toEqual([[['row 2', 2, 0]]])
    nowMs += Gaps.YOUNG_MS - 1
    await slow.query('commit')
    await slow.end()
    await reader.readNext()
    expect(Table.ballotsOf(table.observed())).toEqual([[['row 2', 2, 0]], [['row 1', 1, 0]]])
  })

  test('behavior: more rows than one answer holds', async () => {
    await table.query(
      `insert into ballots (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
       select sha256(n::text::bytea), 1, n, 0, decode(repeat('11', 65), 'hex'), 0, decode(repeat('22', 65), 'hex')
       from generate_series(1, $1::int) as n`,
      [Rows.ROWS_MAX + 1],
    )
    expect(await reader.readNext()).toBe(true)
    expect(await reader.readNext()).toBe(false)
    const counts = Table.ballotsOf(table.observed()).map((block) => block.length)
    expect(counts).toEqual([Rows.ROWS_MAX, 1])
  })

  test('behavior: a database that fails is counted, and read on when it is back', async () => {
    await table.insert(1, 0)
    await reader.readNext()
    await table.query('alter table ballots rename to hidden')
    expect(await reader.readNext()).toBe(false)
    await table.query('alter table hidden rename to ballots')
    await table.insert(2, 0)
    await reader.readNext()
    expect(Table.ballotsOf(table.observed())).toEqual([[['row 1', 1, 0]], [['row 2', 2, 0]]])
    const node = new URL(table.postgres.url).host
    const text = await metrics.registry.metrics()
    expect(text).toContain(
      `ballotstorm_witness_rpc_errors_total{node="${node}",kind="refused"} 1\n`,
    )
  })
})

describe('finish', () => {
  test('default: what is left, what came late, and what nobody should have put there', async () => {
    const slow = await table.connect()
    await slow.query('begin')
    await table.insert(1, 0, slow)
    await table.insert(2, 0)
    await reader.readNext()
    nowMs += Gaps.YOUNG_MS
    await slow.query('commit')
    await slow.end()
    await reader.readNext()
    expect(Table.ballotsOf(table.observed()).flat()).toEqual([['row 2', 2, 0]])
    await table.insert(3, 1)
    await table.query(
      `insert into ballots (sequence, ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
       overriding system value select -5, sha256('planted'), poll_id, 66, 1, signature, 0, receipt_signature from ballots limit 1`,
    )
    await reader.finish()
    const seen = Table.ballotsOf(table.observed()).flat()
    expect(seen).toEqual([
      ['row 2', 2, 0],
      ['row 3', 3, 1],
      ['row -5', 66, 1],
      ['row 1', 1, 0],
    ])
  })
})

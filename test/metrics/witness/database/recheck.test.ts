import { statSync } from 'node:fs'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Problems from '../../../../metrics/books/Problems.ts'
import * as CanonicalChain from '../../../../metrics/books/CanonicalChain.ts'
import * as Reader from '../../../../metrics/witness/database/Reader.ts'
import { recheck } from '../../../../metrics/witness/database/recheck.ts'
import * as Rows from '../../../../metrics/witness/database/Rows.ts'
import * as Metrics from '../../../../metrics/witness/Metrics.ts'
import type { Observation } from '../../../../metrics/witness/Observation.ts'
import * as Table from './Table.ts'

const READ_AT_MS = 1_000_000
const CHECKED_AT_MS = 9_000_000

let table: Table.Table
let rows: Rows.Rows
/** What was recorded before the check: three readings of two ballots each. */
let recorded: Observation[]

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
  const metrics = Metrics.create()
  const reader = Reader.create({ rows, record: table.record, metrics, now: () => READ_AT_MS })
  for (const voters of [
    [10, 11],
    [20, 21],
    [30, 31],
  ]) {
    for (const voter of voters) await table.insert(voter, 0)
    await reader.readNext()
  }
  recorded = table.observed()
})

function check(): Promise<number> {
  const file = table.observationsFile
  return recheck({
    rows,
    recorded: { file, startBytes: 0, endBytes: statSync(file).size },
    record: table.record,
    now: () => CHECKED_AT_MS,
  })
}

function hashes(lines: readonly Observation[]): string[] {
  return lines.flatMap((line) => (line.kind === 'block' ? [line.hash] : []))
}

describe('recheck', () => {
  test('default: an untouched table adds nothing', async () => {
    expect(await check()).toBe(0)
    expect(table.observed()).toEqual(recorded)
  })

  test('behavior: a changed choice takes the record back to before it, and tells it anew', async () => {
    await table.query('update ballots set choice = 1 where voter_index = 21')
    expect(await check()).toBe(1)
    const added = table.observed().slice(recorded.length)
    expect(added.map(({ kind }) => kind)).toEqual([
      'reorganisation',
      'block',
      'final',
      'block',
      'final',
    ])
    const [, second, third] = hashes(recorded)
    expect(added[0]).toEqual({
      kind: 'reorganisation',
      number: 1,
      depth: 2,
      droppedHashes: [second, third],
      atMs: CHECKED_AT_MS,
    })
    expect(Table.ballotsOf(added)).toEqual([
      [
        ['row 3', 20, 0],
        ['row 4', 21, 1],
      ],
      [
        ['row 5', 30, 0],
        ['row 6', 31, 0],
      ],
    ])
    const [changed, kept] = hashes(added)
    expect(changed).not.toBe(second)
    expect(kept).toBe(third)
    expect(added[1]).toMatchObject({ number: 2, parentHash: hashes(recorded)[0] })
    expect(added[3]).toMatchObject({ number: 3, parentHash: changed, seenAtMs: READ_AT_MS })
    expect(added.flatMap((line) => (line.kind === 'final' ? line.atMs : []))).toEqual([
      CHECKED_AT_MS,
      READ_AT_MS,
    ])
  })

  test.each([
    ['a vanished row', 'delete from ballots where voter_index = 10', [[11], [20, 21], [30, 31]]],
    [
      'a row of another voter',
      'update ballots set voter_index = 99 where voter_index = 31',
      [
        [10, 11],
        [20, 21],
        [30, 99],
      ],
    ],
    ['an emptied table', 'truncate ballots', [[], [], []]],
  ])('behavior: %s; the books see the table as it stands', async (_, tamper, standing) => {
    await table.query(tamper)
    expect(await check()).toBeGreaterThan(0)
    const problems = Problems.create()
    const chain = await CanonicalChain.replay(table.observationsFile, problems)
    // Only the process around it marks beginning and end.
    expect(problems.list()).toEqual([expect.stringContaining('is not whole')])
    expect(chain.reorgCount).toBe(1)
    const lines = new Map(
      table
        .observed()
        .flatMap((line) => (line.kind === 'block' ? [[line.hash, line] as const] : [])),
    )
    const voters = chain.blocks.map(({ hash }) =>
      lines.get(hash)?.casts.map(([, voterIndex]) => voterIndex),
    )
    expect(voters).toEqual(standing)
    expect(chain.blocks.every(({ finalAtMs }) => finalAtMs > 0)).toBe(true)
  })

  test('error: a database that is gone proves nothing', async () => {
    const nobody = Rows.open('postgres://nobody@127.0.0.1:9/nothing')
    const file = table.observationsFile
    const checking = recheck({
      rows: nobody,
      recorded: { file, startBytes: 0, endBytes: statSync(file).size },
      record: table.record,
      now: () => CHECKED_AT_MS,
    })
    await expect(checking).rejects.toThrow(Rows.UnreadableError)
    expect(table.observed()).toEqual(recorded)
    await nobody.close()
  })
})

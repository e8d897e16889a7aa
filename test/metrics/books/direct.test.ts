import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Books } from '../../../metrics/books/reconcile.ts'
import * as ObservationFile from '../../../metrics/witness/ObservationFile.ts'
import type { HistoryAnswer } from '../PlannedVoters.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Stepwise from '../witness/Stepwise.ts'

const CAST = 12

/** Voters' own transactions of a recorded chain; the other twelve of the plan are in no block. */
let city: RecordedCity.RecordedCity
let observationsFile: string

beforeAll(async () => {
  city = await RecordedCity.open('direct')
  const witness = Stepwise.create({
    urls: [city.node.url],
    target: { kind: 'ballot-box', address: city.ballotBox },
    fromBlock: city.fromBlock,
  })
  witness.clock.nowMs = city.startAtMs + 2000
  await witness.readAll()
  observationsFile = join(city.folder, 'observations.jsonl')
  writeFileSync(observationsFile, '')
  const file = ObservationFile.open(observationsFile, city.fromBlock)
  for (const line of witness.observed) file.record(line)
  file.close()
})
// A history is appended to.
beforeEach(() => {
  for (const name of ['attempts.log', 'handed-over.log'])
    rmSync(join(city.folder, name), { force: true })
})
afterAll(() => city.dispose())

/** The books where the voters of the cast ballots were told this. */
function told(answer: (ballot: number) => HistoryAnswer | undefined): Promise<Books> {
  city.writeHistory((ballot) => (ballot < CAST ? answer(ballot) : undefined))
  return city.reconcile(observationsFile, { deadlineMs: city.startAtMs + 4000 })
}

function rpc(answer: object): HistoryAnswer {
  return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }) }
}

describe('reconcile over rpc', () => {
  test('default: each transaction’s own hash is an acknowledgement', async () => {
    const { counts, findings, problems } = await told((ballot) => city.answer(ballot))
    expect([problems, findings.listed]).toEqual([[], []])
    expect(counts).toMatchObject({ acknowledged: CAST, final: CAST, unsent: 12 })
  })

  test('behavior: another transaction’s hash acknowledges nothing, and is a breach', async () => {
    const { counts, findings } = await told((ballot) => city.answer(ballot === 3 ? 4 : ballot))
    expect(counts).toMatchObject({ acknowledged: CAST - 1, invalidReceipt: 1, indeterminate: 1 })
    expect(findings.listed).toMatchObject([{ kind: 'invalidReceipt', ballot: 3 }])
    expect(findings.listed[0]?.message).toContain('0x')
  })

  test('behavior: a node that knows the transaction already gives no hash, and has it all the same', async () => {
    const error = { code: -32_000, message: 'already known' }
    const { counts, findings } = await told((ballot) =>
      ballot === 3 ? rpc({ error }) : city.answer(ballot),
    )
    expect(findings.listed).toEqual([])
    expect(counts.acknowledged).toBe(CAST)
  })

  test('behavior: what a node says in other words leaves the fate open', async () => {
    const error = { code: -32_000, message: 'unknown transaction type' }
    const { counts } = await told((ballot) => (ballot === 3 ? rpc({ error }) : city.answer(ballot)))
    expect(counts).toMatchObject({
      acknowledged: CAST - 1,
      indeterminate: 1,
      refused: 0,
      final: CAST,
    })
  })

  test('behavior: a refused ballot that counts all the same is a breach, named by its voter', async () => {
    const error = { code: -32_000, message: 'nonce too low' }
    const { counts, refusals, findings } = await told((ballot) =>
      ballot === 3 ? rpc({ error }) : city.answer(ballot),
    )
    expect(counts).toMatchObject({ refused: 1 })
    expect(refusals).toEqual([{ reason: '-32000 nonce too low', count: 1 }])
    expect(findings.listed).toMatchObject([{ ballot: 3, voterIndex: city.intent(3).voterIndex }])
  })

  test('behavior: an acknowledged ballot that no final block holds once the poll is sealed is lost', async () => {
    city.writeHistory((ballot) => city.answer(ballot))
    const { counts, findings } = await city.reconcile(observationsFile, {
      deadlineMs: city.startAtMs + 4000,
    })
    expect(counts).toMatchObject({ acknowledged: 24, final: CAST, lost: 12, pending: 0 })
    expect(findings.listed.map(({ ballot }) => ballot)).toEqual(
      Array.from({ length: 12 }, (_, at) => CAST + at),
    )
  })
})

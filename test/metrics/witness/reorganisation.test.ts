import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Books } from '../../../metrics/books/reconcile.ts'
import * as Anvil from '../anvil.ts'
import * as City from '../City.ts'
import * as Watch from './Watch.ts'

const DEPTH = 3

/** The ballot that the reorganisation meets; the only one of its plan that was sent. */
const BALLOT = 0

function findings(books: Books): unknown[] {
  return books.findings.listed.map(({ kind, ballot }) => [kind, ballot])
}

/** This observer is moved by hand; it is the process around it that marks beginning and end. */
const UNMARKED = [expect.stringContaining('observations.jsonl is not whole')]

describe('witness and books under a depth rule', () => {
  let city: City.City
  let watch: Watch.Watch
  let raw: unknown

  beforeEach(async () => {
    city = await City.found('rpc')
    city.writeHistory((ballot) => (ballot === BALLOT ? city.answer(ballot) : undefined))
    await city.anvil.request('evm_setAutomine', false)
    const hash = await city.send(BALLOT)
    await mine(1)
    raw = await city.anvil.request('eth_getRawTransactionByHash', hash)
    watch = Watch.create(city, { kind: 'depth', depth: DEPTH }, [city.anvil.url])
  })
  afterEach(() => city.dispose())

  async function mine(count: number): Promise<void> {
    for (let mined = 0; mined < count; mined += 1) {
      await city.anvil.request('evm_mine')
    }
  }

  /** Seals the poll, makes that final, and closes the books. */
  async function close(): Promise<Books> {
    await city.seal()
    await mine(DEPTH)
    await watch.catchUp()
    return city.reconcile(watch.observationsFile)
  }

  test('behavior: not final before the depth is reached, final with it', async () => {
    await mine(DEPTH - 1)
    await watch.catchUp()
    expect(await city.reconcile(watch.observationsFile)).toMatchObject({
      counts: { included: 1, final: 0, pending: 1, lost: 0 },
    })
    await mine(1)
    await watch.catchUp()
    expect(await city.reconcile(watch.observationsFile)).toMatchObject({
      counts: { included: 1, final: 1, pending: 0, lost: 0 },
    })
  })

  test('behavior: dropped for good is pending, and lost once the poll is sealed', async () => {
    await mine(1)
    await watch.catchUp()
    await city.anvil.request('anvil_reorg', 2, [])
    await watch.catchUp()
    const open = await city.reconcile(watch.observationsFile)
    expect(open.counts).toMatchObject({
      acknowledged: 1,
      included: 0,
      final: 0,
      pending: 1,
      lost: 0,
    })
    const books = await close()
    expect(findings(books)).toEqual([['lost', BALLOT]])
    expect(books.counts).toMatchObject({ included: 0, pending: 0, lost: 1, finalityBroken: 0 })
    expect(books.blocks).toMatchObject({ reorgCount: 1, reorgDepthMax: 2 })
    expect(books.problems).toEqual(UNMARKED)
  })

  test('behavior: included again counts once', async () => {
    await mine(1)
    await watch.catchUp()
    // Without another transaction the new block would be the old one, to the hash.
    const other = await city.anvil.sign({ to: Anvil.ACCOUNT, data: '0x' })
    await city.anvil.request('anvil_reorg', 2, [
      [other, 0],
      [raw, 0],
    ])
    const books = await close()
    expect(findings(books)).toEqual([])
    expect(books.counts).toMatchObject({ included: 1, final: 1, pending: 0, finalityBroken: 0 })
    expect(books.blocks).toMatchObject({ reorgCount: 1, reorgDepthMax: 2 })
    expect(books.problems).toEqual(UNMARKED)
  })

  test('behavior: included elsewhere counts once, in the block that stands', async () => {
    await mine(1)
    await watch.catchUp()
    await city.anvil.request('anvil_reorg', 2, [[raw, 1]])
    const books = await close()
    expect(findings(books)).toEqual([])
    expect(books.counts).toMatchObject({ included: 1, final: 1, finalityBroken: 0 })
    const blocks = watch
      .observed()
      .flatMap((line) => (line.kind === 'block' && line.casts.length > 0 ? [line.number] : []))
    expect(blocks).toEqual([city.fromBlock, city.fromBlock + 1])
    expect(await watch.metric('ballotstorm_witness_ballots_included_total')).toBe(2)
    expect(await watch.metric('ballotstorm_witness_ballots_dropped_total')).toBe(1)
    expect(await watch.metric('ballotstorm_witness_ballots_final_total')).toBe(1)
  })

  test('behavior: a reorganisation below what is final breaks finality, and is named', async () => {
    await mine(DEPTH + 1)
    await watch.catchUp()
    await city.anvil.request('anvil_reorg', DEPTH + 2, [])
    const books = await close()
    expect(findings(books)).toEqual([
      ['finalityBroken', BALLOT],
      ['finalityBroken', undefined],
      ['lost', BALLOT],
    ])
    expect(books.blocks).toMatchObject({ reorgCount: 1, reorgDepthMax: DEPTH + 2 })
  })

  test('behavior: a reorganisation that was not seen as it happened leaves no trace', async () => {
    await mine(1)
    await city.anvil.request('anvil_reorg', 2, [[raw, 1]])
    const books = await close()
    expect(findings(books)).toEqual([])
    expect(books.blocks.reorgCount).toBe(0)
  })
})

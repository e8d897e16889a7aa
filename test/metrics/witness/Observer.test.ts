import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type * as RpcProxy from '../../helpers/rpcProxy.ts'
import { mined } from '../audit/mined.ts'
import * as City from '../City.ts'
import * as Nodes from './Nodes.ts'
import * as Watch from './Watch.ts'
import { own } from '../../helpers/own.ts'

const OTHER_HASH = `0x${'ab'.repeat(32)}`

const otherHash: RpcProxy.Rewrite = ({ method }, result) =>
  method === 'eth_getBlockByNumber' && typeof result === 'object' && result !== null
    ? { ...result, hash: OTHER_HASH }
    : result

/** A line without the moment at which it was seen. */
function timeless(line: string): unknown {
  return { ...JSON.parse(line), seenAtMs: 0 }
}

let city: City.City
let first: RpcProxy.RpcProxy
let second: RpcProxy.RpcProxy
let sent = 0

beforeAll(async () => {
  city = await City.found('rpc')
  city.writeHistory()
})
afterAll(() => city?.dispose())

beforeEach(async () => {
  const nodes = await Nodes.open(city.folder, [city.anvil.url, city.anvil.url])
  ;({ first, second } = nodes)
  return () => nodes.close()
})

/** One more ballot in a block of its own. */
async function cast(): Promise<void> {
  await mined(city.anvil, await city.send(sent))
  sent += 1
}

function watchOf(...proxies: RpcProxy.RpcProxy[]): Watch.Watch {
  return Watch.create(
    city,
    { kind: 'instant' },
    proxies.map(({ url }) => url),
  )
}

function ballotsIn(watch: Watch.Watch): number {
  return watch
    .observed()
    .reduce((sum, line) => sum + (line.kind === 'block' ? line.casts.length : 0), 0)
}

describe('readNext', () => {
  test('default: a question a block, and one for each receipt that matters', async () => {
    await cast()
    await cast()
    const watch = watchOf(first)
    await watch.catchUp()
    expect(ballotsIn(watch)).toBe(sent)
    const methods = [...first.calls.keys()].toSorted()
    const asked = ['eth_blockNumber', 'eth_getBlockByNumber', 'eth_getTransactionReceipt']
    expect(methods).toEqual(asked)
    expect(first.calls.get('eth_getTransactionReceipt')).toBe(sent)
    expect(await watch.metric('ballotstorm_witness_ballots_final_total')).toBe(sent)
  })

  test.each(['cut', 'hang', 'garbage', 'status'] as const)(
    'behavior: a node that fails (%s) is counted, and the next one is read',
    async (fault) => {
      const watch = watchOf(first, second)
      await cast()
      await watch.catchUp()
      first.fail(fault)
      await cast()
      await watch.catchUp()
      expect(ballotsIn(watch)).toBe(sent)
      expect(watch.observed().filter(({ kind }) => kind === 'reorganisation')).toEqual([])
      expect(await watch.metric('ballotstorm_witness_reader_changes_total')).toBe(1)
      const node = new URL(first.url).host
      expect(await watch.metric('ballotstorm_witness_rpc_errors_total', { node })).toBeGreaterThan(
        2,
      )
      const readNow = { node: new URL(second.url).host }
      expect(await watch.metric('ballotstorm_witness_reading_node', readNow)).toBe(1)
    },
  )

  test('behavior: null for blocks that had existed is waited out', async () => {
    const watch = watchOf(first)
    await cast()
    await watch.catchUp()
    first.fail('null')
    await watch.catchUp()
    first.fail(undefined)
    await cast()
    await watch.catchUp()
    expect(ballotsIn(watch)).toBe(sent)
    expect(watch.observed().filter(({ kind }) => kind === 'reorganisation')).toEqual([])
  })

  test('behavior: both nodes down, then back: nothing is missed, nothing twice', async () => {
    const watch = watchOf(first, second)
    first.fail('cut')
    second.fail('garbage')
    await cast()
    await watch.catchUp()
    expect(await city.anvil.height()).toBeGreaterThan(0)
    first.fail(undefined)
    second.fail(undefined)
    await watch.catchUp()
    const numbers = watch.observed().flatMap((line) => (line.kind === 'block' ? line.number : []))
    expect(numbers).toEqual(numbers.map((_, index) => city.fromBlock + index))
    expect(ballotsIn(watch)).toBe(sent)
  })
})

describe('compare', () => {
  test('behavior: a name that no block has is noted once, and its node named by the books', async () => {
    second.rewrite(otherHash)
    const watch = watchOf(first, second)
    await cast()
    await watch.catchUp()
    await watch.catchUp()
    const noted = watch.observed().filter(({ kind }) => kind === 'fault')
    expect(noted).toMatchObject([{ rpcUrl: second.url, hash: OTHER_HASH }])
    expect(await watch.metric('ballotstorm_witness_nodes_disagreeing')).toBe(1)
    const books = await city.reconcile(watch.observationsFile)
    expect(books.findings.listed.map(({ kind }) => kind)).toEqual(['brokenBlock'])
    second.rewrite(undefined)
    await watch.catchUp()
    expect(await watch.metric('ballotstorm_witness_nodes_disagreeing')).toBe(0)
  })

  test('behavior: under a depth rule nothing is final that the majority does not have', async () => {
    const watch = Watch.create(city, { kind: 'depth', depth: 1 }, [first.url, second.url])
    second.rewrite(otherHash)
    await cast()
    await watch.catchUp()
    expect(watch.observed().filter(({ kind }) => kind === 'final')).toEqual([])
    second.rewrite(undefined)
    await watch.catchUp()
    const finals = watch.observed().filter(({ kind }) => kind === 'final')
    expect(finals.at(-1)).toMatchObject({ number: (await city.anvil.height()) - 1 })
  })
})

describe('main', () => {
  test('default: serves its metrics, ends in order, and leaves whole lines', async () => {
    const watch = watchOf(first)
    await watch.catchUp()
    const untilFinal = await city.anvil.height()
    const rpcUrls = [first.url, second.url]
    let served = ''
    const read = async (url: string): Promise<void> => {
      served = await (await fetch(`${url}/metrics`)).text()
    }
    const file = await city.observe({ rpcUrls, untilFinal, beforeEnd: read })
    const lines = readFileSync(file, 'utf8')
    expect(lines.endsWith('\n')).toBe(true)
    expect(served).toContain(`ballotstorm_witness_ballots_final_total ${sent}\n`)
    const blocks = lines.split('\n').filter((line) => line.startsWith('{"kind":"block"'))
    const seen = watch.observed().filter(({ kind }) => kind === 'block')
    expect(blocks.map(timeless)).toEqual(seen.map((block) => timeless(JSON.stringify(block))))
  })

  const address = `0x${'0'.repeat(40)}`
  test.each([
    [
      { rpcUrls: [], target: { kind: 'anchored', address }, port: -1 },
      ['rpcUrls', 'finality', 'port'],
    ],
    [
      { target: { kind: 'ballot-box', address: '0xAB' } },
      ['rpcUrls', 'finality', 'target/address'],
    ],
  ])('error: all problems of a configuration at once, exit code 104', async (config, names) => {
    const configFile = join(city.folder, 'bad.json')
    writeFileSync(configFile, JSON.stringify(config))
    const main = new URL('../../../metrics/witness/main.ts', import.meta.url)
    const child = own(spawn(process.execPath, [main.pathname, configFile], { detached: true }))
    let stderr = ''
    child.stderr.on('data', (data) => (stderr += String(data)))
    const [exitCode] = await once(child, 'close')
    expect(exitCode).toBe(104)
    for (const name of names) expect(stderr).toContain(name)
    expect(stderr).not.toContain('    at ')
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Clique from '../../../chain/networks/clique.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as Readiness from '../../../chain/processes/Readiness.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import * as Rpc from '../../../scenarios/runtime/Rpc.ts'
import { tool } from '../../helpers/tool.ts'

/** Blocks come 1 s apart; the rest is for a machine that others use too. */
const TIMEOUT_MS = 180_000

let folder: string
let supervisor: Supervisor.Supervisor
let network: Network
const ends: Supervisor.UnexpectedExit[] = []

beforeAll(async () => {
  const binary = await tool('geth')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-clique-'))
  supervisor = Supervisor.create({
    logFolder: join(folder, 'logs'),
    onUnexpectedExit: (end) => void ends.push(end),
  })
  const dataFolder = join(folder, 'data')
  network = await Clique.start({ supervisor, binary, dataFolder, seed: 'test' })
}, 20 * 60_000)

afterAll(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

async function height(): Promise<number> {
  return Number(await Rpc.call(network.observerUrl, { method: 'eth_blockNumber' }, Rpc.Quantity))
}

async function blockAt(number: number): Promise<{ hash: string; difficulty: string } | null> {
  const params = [`0x${number.toString(16)}`, false]
  // The difficulty of a block in turn is 2, of any other 1.
  const block = Type.Object({ hash: Type.String(), difficulty: Rpc.Quantity })
  const schema = Type.Union([block, Type.Null()])
  return Rpc.call(network.observerUrl, { method: 'eth_getBlockByNumber', params }, schema)
}

/** Waits until the observer has so many more blocks. */
async function grow(blocks: number): Promise<void> {
  const from = await height()
  while ((await height()) < from + blocks) await sleep(50)
}

/** Waits for a new block after which the next validator in turn may seal: the last two kept theirs. */
async function quietHeight(): Promise<number> {
  for (;;) {
    await grow(1)
    const number = await height()
    const blocks = await Promise.all([blockAt(number), blockAt(number - 1)])
    if (blocks.every((block) => Number(block?.difficulty) === 2)) return number
  }
}

/** Has a witness read the observer from here on; gives the file that it writes. */
async function startWitness(): Promise<string> {
  const observationsFile = join(folder, 'observations.jsonl')
  const configFile = join(folder, 'witness.json')
  const config = {
    rpcUrls: [network.observerUrl],
    target: { kind: 'ballot-box', address: `0x${'00'.repeat(20)}` },
    finality: network.finality,
    validators: { kind: 'clique', members: network.validators?.map((one) => one.toLowerCase()) },
    fromBlock: await height(),
    observationsFile,
  }
  writeFileSync(configFile, JSON.stringify(config))
  await supervisor.start({
    name: 'witness',
    command: process.execPath,
    args: [join(import.meta.dirname, '../../../metrics/witness/main.ts'), configFile],
    ready: Readiness.line,
    readyTimeoutMs: TIMEOUT_MS,
  })
  return observationsFile
}

async function kill(names: readonly string[]): Promise<void> {
  for (const name of names) supervisor.kill(name, 'SIGKILL')
  for (const name of names) await supervisor.exit(name)
}

/** The process of the validator that may seal a block without delay: they take turns, sorted. */
function inTurn(number: number): string {
  const byAddress = (network.validators ?? [])
    .map((address, index) => ({ address, name: network.parts[index]?.name ?? '' }))
    .toSorted((one, other) => (one.address.toLowerCase() < other.address.toLowerCase() ? -1 : 1))
  return byAddress[number % byAddress.length]?.name ?? ''
}

describe('start', () => {
  test(
    'behavior: one dead validator of four: goes on; two: stands still; one is back and seals',
    async () => {
      await kill(['validator-4'])
      await grow(4)
      await kill(['validator-3'])
      // What was under way may still come.
      let stopped = -1
      while (stopped !== (await height())) {
        stopped = await height()
        await sleep(4_000)
      }
      await supervisor.restart('validator-4')
      // Of three successive blocks no two are of one validator: all three living ones must seal.
      await grow(4)
      await supervisor.restart('validator-3')
      expect(ends).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'behavior: a block that was read is replaced by others, and the witness says so',
    async () => {
      const observationsFile = await startWitness()
      let replaced: string | undefined
      while (replaced === undefined) {
        const number = (await quietHeight()) + 1
        // One whose turn it is seals a block that the others, dead by then, never hear of.
        const alone = inTurn(number)
        const others = network.parts
          .filter(({ name, role }) => role === 'validator' && name !== alone)
          .map(({ name }) => name)
        await kill(others)
        await sleep(3_000)
        const hash = (await blockAt(number))?.hash
        await kill([alone])
        await Promise.all(others.map((name) => supervisor.restart(name)))
        while ((await height()) < number + 3) await sleep(100)
        if ((await blockAt(number))?.hash !== hash) replaced = hash
        if (replaced === undefined) await supervisor.restart(alone)
      }
      const names = (line: string, kind: string): boolean =>
        line.includes(`"kind":"${kind}"`) && line.includes(replaced)
      let lines: string[] = []
      while (!lines.some((line) => names(line, 'reorganisation'))) {
        await sleep(100)
        lines = readFileSync(observationsFile, 'utf8').split('\n')
      }
      expect(lines.some((line) => names(line, 'block'))).toBe(true)
      expect(lines.some((line) => names(line, 'final'))).toBe(false)
      expect(ends).toEqual([])
    },
    TIMEOUT_MS,
  )
})

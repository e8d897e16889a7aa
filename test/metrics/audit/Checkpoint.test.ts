import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Checkpoint from '../../../metrics/audit/Checkpoint.ts'
import type { Ledger } from '../../../metrics/audit/walk.ts'
import { emptyLedger } from './emptyLedger.ts'

const IDENTITY: Checkpoint.Identity = {
  format: 'ballotstorm/audit',
  version: 1,
  contract: `0x${'b0'.repeat(20)}`,
  chainId: 8995,
  genesisHash: `0x${'9e'.repeat(32)}`,
  fromBlock: 1,
  register: '',
}

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-checkpoint-'))
})

beforeEach(() => {
  file = join(folder, `${Math.random()}.jsonl`)
})

afterAll(() => rmSync(folder, { recursive: true }))

/** Everything that a ledger holds, as it was at block `number`. */
async function fill(ledger: Ledger, number: number): Promise<void> {
  ledger.chain = { ...ledger.chain, number, timestamp: 100 + number, hash: `0x${number}` }
  const poll = { pollId: number, question: `${number}?`, options: ['a', 'b'], binding: undefined }
  await ledger.polls.learn(poll, number)
  ledger.ballots.add(number, 4, { choice: 1, block: number })
  const counts = ledger.polls.get(number)?.counts
  if (counts !== undefined) counts.recount[1] = 1
  ledger.roots.set(`0xroot${number}`, { block: number, transaction: '0xt' })
  ledger.pushes.set('1', { address: `0x${number}`, block: number })
  ledger.findings.add({ kind: 'lost', message: `${number}.`, evidence: {} })
  ledger.checks = { signatures: number, samples: 1, transactions: 2, blocks: number }
}

function recorded(): Ledger {
  return emptyLedger({ isRecorded: true })
}

describe('create, read, restore', () => {
  test('default: what two steps hold comes back as it was', async () => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    await fill(ledger, 1)
    writer.note(ledger, true)
    await fill(ledger, 2)
    writer.note(ledger, true)
    const steps = Checkpoint.read(file, IDENTITY)
    expect(steps).toHaveLength(2)
    // Each step holds what is new in it.
    expect(steps.map(({ polls }) => polls.map(({ block }) => block))).toEqual([[1], [2]])
    expect(steps.map(({ roots }) => roots.map(([root]) => root))).toEqual([
      ['0xroot1'],
      ['0xroot2'],
    ])
    expect(steps.map(({ findings }) => findings.map(({ message }) => message))).toEqual([
      ['1.'],
      ['2.'],
    ])
    expect(steps.map(({ findingCount }) => findingCount)).toEqual([1, 2])
    const again = recorded()
    await Checkpoint.restore(again, steps)
    expect(again.chain).toEqual(ledger.chain)
    expect(again.checks).toEqual(ledger.checks)
    expect(again.pushes).toEqual(ledger.pushes)
    expect(again.roots).toEqual(ledger.roots)
    expect(again.polls.all()).toEqual(ledger.polls.all())
    expect(again.ballots.count()).toBe(2)
    expect(again.ballots.get(2, 4)).toEqual({ choice: 1, block: 2 })
  })

  test('behavior: what was restored is not written again', async () => {
    const ledger = recorded()
    await fill(ledger, 1)
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    await fill(ledger, 2)
    writer.note(ledger, true)
    const [step, ...others] = Checkpoint.read(file, IDENTITY)
    expect(others).toEqual([])
    expect(step?.polls.map(({ block }) => block)).toEqual([2])
    expect(step?.roots.map(([root]) => root)).toEqual(['0xroot2'])
    expect(step?.findings.map(({ message }) => message)).toEqual(['2.'])
    expect(Buffer.from(step?.ballots ?? '', 'base64').length).toBe(13)
  })

  test('behavior: a poll that is known ahead of the judging waits for its block', async () => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    await fill(ledger, 1)
    const ahead = { pollId: 9, question: '?', options: ['a'], binding: undefined }
    await ledger.polls.learn(ahead, 2)
    writer.note(ledger, true)
    ledger.chain = { ...ledger.chain, number: 2 }
    writer.note(ledger, true)
    const steps = Checkpoint.read(file, IDENTITY)
    expect(steps.map(({ polls }) => polls.map(({ poll }) => poll.pollId))).toEqual([[1], [9]])
  })

  test('behavior: without a step nothing changes', async () => {
    const ledger = recorded()
    await Checkpoint.restore(ledger, [])
    expect(ledger.chain).toEqual(recorded().chain)
  })

  test.each([
    [499, 0],
    [500, 1],
  ])('boundary: after %i blocks there are %i lines', async (number, lines) => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    ledger.chain = { ...ledger.chain, number }
    writer.note(ledger, false)
    expect(Checkpoint.read(file, IDENTITY)).toHaveLength(lines)
    ledger.chain = { ...ledger.chain, number: 500 }
    writer.note(ledger, false)
    expect(Checkpoint.read(file, IDENTITY)).toHaveLength(1)
    // The next one is due so many blocks later.
    ledger.chain = { ...ledger.chain, number: 999 }
    writer.note(ledger, false)
    expect(Checkpoint.read(file, IDENTITY)).toHaveLength(1)
  })

  test.each([
    [49_999, 0],
    [50_000, 1],
  ])('boundary: with %i ballots in a block there are %i lines', (count, lines) => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    for (let voter = 0; voter < count; voter += 1) {
      ledger.ballots.add(1, voter, { choice: 0, block: 1 })
    }
    ledger.chain = { ...ledger.chain, number: 1 }
    writer.note(ledger, false)
    expect(Checkpoint.read(file, IDENTITY)).toHaveLength(lines)
  })

  test('behavior: without a new block nothing is written', async () => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    writer.note(ledger, true)
    expect(Checkpoint.read(file, IDENTITY)).toEqual([])
  })
})

describe('read', () => {
  test('default: of no file, and of an empty one, no steps', () => {
    expect(Checkpoint.read(file, IDENTITY)).toEqual([])
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, '')
    expect(Checkpoint.read(file, IDENTITY)).toEqual([])
    Checkpoint.create(file, IDENTITY, recorded())
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(IDENTITY)}\n`)
    Checkpoint.create(file, IDENTITY, recorded())
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(IDENTITY)}\n`)
  })

  test('behavior: a torn last line is cut off, by bytes', async () => {
    const ledger = recorded()
    const writer = Checkpoint.create(file, IDENTITY, ledger)
    await fill(ledger, 1)
    ledger.findings.add({ kind: 'lost', message: 'Ballot of Zoë.', evidence: {} })
    writer.note(ledger, true)
    const whole = readFileSync(file, 'utf8')
    appendFileSync(file, '{"torn":"ë')
    expect(Checkpoint.read(file, IDENTITY)).toHaveLength(1)
    expect(readFileSync(file, 'utf8')).toBe(whole)
  })

  test('behavior: a torn first line leaves nothing', () => {
    writeFileSync(file, '{"format"')
    expect(Checkpoint.read(file, IDENTITY)).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  test('error: the file of another audit, which stays as it is', () => {
    const text = `${JSON.stringify({ ...IDENTITY, chainId: 1 })}\n`
    writeFileSync(file, text)
    expect(() => Checkpoint.read(file, IDENTITY)).toThrow(
      `${file} belongs to another audit (chain, contract, register or first block differ).`,
    )
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(() => Checkpoint.read(file, IDENTITY)).toThrow(
      expect.objectContaining({ code: 'AUDIT_RESUME', exitCode: 104 }),
    )
  })
})

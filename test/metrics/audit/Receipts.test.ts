import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Receipts from '../../../metrics/audit/Receipts.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'

const HASH = `0x${'b1'.repeat(32)}`
const FIELDS = { ballotHash: HASH, pollId: 1, acceptedAtMs: 1, sealsAt: 9 }
const RECEIPT = Receipt.sign(FIELDS, Buffer.alloc(32, 3))
const BALLOTS = [0, 1, 2].map((voterIndex) => ({ pollId: 1, voterIndex, choice: 1 }))
const PROOF: Receipts.Proof = {
  pollId: 1,
  voterIndex: 1,
  choice: 1,
  root: Anchor.root(BALLOTS),
  siblings: Anchor.proof(BALLOTS, 1),
  block: 0,
  transaction: HASH,
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-receipts-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, content: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('read', () => {
  test('default: receipts, answers with one, and lists, in the order of the names', () => {
    const last = write('c.json', [RECEIPT, { receipt: RECEIPT, state: 'final' }])
    const bare = write('a.json', RECEIPT)
    const answer = write('b.json', { receipt: RECEIPT, proof: PROOF })
    write('notes.txt', 'no receipt')
    expect(Receipts.read(folder)).toEqual({
      kept: [
        { file: bare, receipt: RECEIPT, proof: undefined },
        { file: answer, receipt: RECEIPT, proof: PROOF },
        { file: last, receipt: RECEIPT, proof: undefined },
        { file: last, receipt: RECEIPT, proof: undefined },
      ],
      problems: [],
    })
  })

  test('behavior: a file without one is told, with what is wrong, and the others are read', () => {
    const torn = write('a.json', '{"receipt":')
    const other = write('b.json', { receipt: { ...RECEIPT, pollId: 'one' } })
    const good = write('c.json', RECEIPT)
    const { kept, problems } = Receipts.read(folder)
    expect(kept.map(({ file }) => file)).toEqual([good])
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatch(new RegExp(`^${torn} holds no receipt: .*JSON`))
    expect(problems[1]).toBe(`${other} holds no receipt: /receipt/pollId must be integer`)
  })

  test('behavior: an answer that is no object', () => {
    const file = write('a.json', '7')
    expect(Receipts.read(folder).problems).toEqual([`${file} holds no receipt: must be object`])
  })

  test.each<[string, Partial<Record<keyof Receipts.Proof, unknown>>]>([
    ['root', { root: `${HASH}00` }],
    ['root', { root: `0${HASH}` }],
    ['siblings', { siblings: Array.from({ length: 65 }, () => HASH) }],
    ['pollId', { pollId: 0 }],
    ['voterIndex', { voterIndex: -1 }],
    ['choice', { choice: -1 }],
    ['choice', { choice: 256 }],
    ['block', { block: -1 }],
    ['transaction', { transaction: HASH.toUpperCase() }],
  ])('boundary: a proof whose %s is out of bounds, %j', (field, change) => {
    write('a.json', { receipt: RECEIPT, proof: { ...PROOF, ...change } })
    const { kept, problems } = Receipts.read(folder)
    expect(kept).toEqual([])
    expect(problems[0]).toContain(`/proof/${field}`)
  })

  test('boundary: a proof at its bounds', () => {
    const siblings = Array.from({ length: 64 }, () => HASH)
    write('a.json', { receipt: RECEIPT, proof: { ...PROOF, siblings, choice: 255, voterIndex: 0 } })
    write('b.json', { receipt: RECEIPT, proof: { ...PROOF, siblings: [], choice: 0 } })
    expect(Receipts.read(folder).problems).toEqual([])
  })
})

describe('isIncluded', () => {
  test('default: the way leads from the ballot to the root', () => {
    expect(Receipts.isIncluded(PROOF)).toBe(true)
    expect(Receipts.isIncluded({ ...PROOF, choice: 0 })).toBe(false)
    expect(Receipts.isIncluded({ ...PROOF, root: HASH })).toBe(false)
    expect(Receipts.isIncluded({ ...PROOF, siblings: [] })).toBe(false)
  })
})

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Series from '../../../../scripts/bench/chain/Series.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ballotstorm-series-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function block(number: number, seenAtMs: number, ballots: number): Series.Block {
  return { number, seenAtMs, ballots, skipped: 0, gasUsed: ballots * 10 }
}

function line(number: number, ballots: number): string {
  const casts = Array.from({ length: ballots }, (_, voter) => [1, voter, 0, 0])
  const seenAtMs = number * 1000
  return `${JSON.stringify({ kind: 'block', number, seenAtMs, gasUsed: 7, casts, skips: [[1, 9, 0, 7]] })}\n`
}

describe('between', () => {
  test('default: the first block begins the time, and its ballots do not count', () => {
    const blocks = [block(1, 1000, 900), block(2, 2500, 100), block(3, 3000, 200)]
    expect(Series.between(blocks, 0, 2)).toEqual({
      ballots: 300,
      gas: 3000,
      durationS: 2,
      blocks: 2,
    })
    expect(Series.between(blocks, 1, 1)).toMatchObject({ ballots: 0, durationS: 0 })
  })
})

describe('follow', () => {
  test('default: whole lines only, blocks only, as the file grows', () => {
    const file = join(folder, 'observations.jsonl')
    const series = Series.follow(file)
    series.read()
    expect(series.blocks).toEqual([])
    const second = line(2, 3)
    appendFileSync(file, `${line(1, 2)}{"kind":"final","number":1}\n${second.slice(0, 40)}`)
    series.read()
    expect(series.ballots()).toBe(2)
    appendFileSync(file, second.slice(40))
    series.read()
    expect(series.ballots()).toBe(5)
    expect(series.blocks.at(-1)).toEqual({
      number: 2,
      seenAtMs: 2000,
      ballots: 3,
      skipped: 1,
      gasUsed: 7,
    })
    series.close()
  })

  test('error: a node that shows what does not hold is named, and what is not known accuses nobody', () => {
    const file = join(folder, 'observations.jsonl')
    const fault = {
      kind: 'fault',
      number: 7,
      hash: '0x1',
      rpcUrl: 'http://a:1',
      faults: ['hidden'],
    }
    const series = Series.follow(file)
    appendFileSync(file, `${JSON.stringify({ ...fault, isCheckable: false })}\n${line(1, 2)}`)
    series.read()
    expect(series.ballots()).toBe(2)
    appendFileSync(file, `${JSON.stringify({ ...fault, isCheckable: true })}\n`)
    expect(() => series.read()).toThrow('Block 7 as a:1 shows it does not hold: hidden.')
    series.close()
  })
})

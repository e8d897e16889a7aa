import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'
import { join, SegmentsError } from '../../../scenarios/presign/join.ts'
import { presign } from '../../../scenarios/presign/presign.ts'
import { register } from '../../../scenarios/presign/register.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'ballotstorm-join-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function sign(name: string, path: Path, segment = Segment.WHOLE, count = 60) {
  const electorate = { seed: 'seed', size: 50 }
  const registerFile = joinPath(folder, 'register.bin')
  const spoolFile = joinPath(folder, name)
  await presign({
    path,
    electorate,
    polls: [
      { pollId: 1, question: 'First?', options: ['a', 'b'] },
      { pollId: 2, question: 'Second?', options: ['x', 'y'] },
    ],
    ballotCount: count,
    segment,
    domain: { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` },
    codeHash: `0x${'11'.repeat(32)}`,
    registerCommitment: await register({ electorate, file: registerFile }),
    registerFile,
    spoolFile,
  })
  return spoolFile
}

async function segments(path: Path, of: number, count?: number) {
  const files = []
  for (let index = 1; index <= of; index += 1) {
    files.push(await sign(`segment-${index}-${of}`, path, { index, of }, count))
  }
  return files
}

describe('join', () => {
  test.each([
    ['api', 8, 60],
    ['api', 1, 60],
    ['rpc', 7, 60],
    ['api', 8, 3],
  ] as const)('default: %s, %i segments of %i ballots make the whole', async (path, of, count) => {
    const whole = await sign('whole', path, Segment.WHOLE, count)
    const spoolFile = joinPath(folder, 'joined')
    const files = (await segments(path, of, count)).toReversed()
    expect(join(files, { spoolFile })).toEqual(Spool.verify(whole))
    expect(readFileSync(spoolFile).equals(readFileSync(whole))).toBe(true)
  })

  test('error: one missing, one twice, one of another spool, none', async () => {
    const spoolFile = joinPath(folder, 'joined')
    const files = await segments('api', 3)
    const [first = '', second = ''] = files
    const shorter = await sign('shorter', 'api', { index: 3, of: 3 }, 30)
    const other = await sign('other', 'rpc', { index: 3, of: 3 })
    for (const wrong of [
      [first, second],
      [...files, second],
      [first, second, shorter],
      [first, second, other],
      [],
    ]) {
      expect(() => join(wrong, { spoolFile })).toThrow(SegmentsError)
    }
  })
})

describe('Segment', () => {
  test('default: the segments share all ballots, each once', () => {
    for (const [of, total] of [
      [8, 60],
      [3, 2],
      [5, 0],
      [1, 7],
    ] as const) {
      const ballots = Array.from({ length: of }, (_, at) => ({ index: at + 1, of })).flatMap(
        (segment) =>
          Array.from({ length: Segment.countOf(segment, total) }, (_, record) =>
            Segment.ballotAt(segment, record),
          ),
      )
      expect(ballots.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, k) => k))
    }
  })

  test('behavior: parse', () => {
    expect(Segment.parse('3/8')).toEqual({ index: 3, of: 8 })
    for (const text of ['0/8', '9/8', '1/257', '3', '3/8/2', '-1/8', '']) {
      expect(() => Segment.parse(text)).toThrow(Segment.MalformedError)
    }
  })
})

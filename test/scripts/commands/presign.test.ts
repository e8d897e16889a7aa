import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Workers from '../../../scenarios/presign/Workers.ts'
import { presign } from '../../../scripts/commands/presign.ts'
import { parse, parseJoin, type Flags } from '../../../scripts/commands/PresignOptions.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import { UsageError } from '../../../scripts/UsageError.ts'
import { own } from '../../helpers/own.ts'

const MODULE = join(import.meta.dirname, '../../../scripts/commands/presign.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-presign-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function flags(given: Flags): Flags {
  return { register: join(folder, 'register.bin'), ...given }
}

function file(name: string): string {
  return join(folder, name)
}

describe('presign', () => {
  test('default: a scenario, the same in segments', async () => {
    expect(await presign('smoke', flags({ out: file('whole') }))).toBe(ExitCode.PASS)
    expect(Spool.verify(file('whole'))).toMatchObject({ count: 200, chainId: 8995 })
    const segments = ['1/3', '2/3', '3/3']
    for (const segment of segments) {
      await presign('smoke', flags({ segment, out: file(segment.replace('/', '-')) }))
    }
    const files = segments.map((segment) => file(segment.replace('/', '-')))
    expect(await presign(undefined, { join: files, out: file('joined'), json: true })).toBe(
      ExitCode.PASS,
    )
    expect(readFileSync(file('joined')).equals(readFileSync(file('whole')))).toBe(true)
  })

  test('behavior: a city, its most popular polls', async () => {
    const given = { voters: '3000', polls: '2', out: file('city') }
    expect(await presign('active-citizen', flags(given))).toBe(ExitCode.PASS)
    const spool = Spool.open(file('city'))
    const { count, recordSizeBytes } = spool.header
    const records = spool.read(0, count)
    spool.close()
    const votes = Array.from({ length: count }, (_, ballot) => {
      const { pollId, voterIndex } = Spool.decodeIntent(records, ballot * recordSizeBytes)
      return `${pollId} ${voterIndex}`
    })
    expect(new Set(votes).size).toBe(count)
    expect(new Set(votes.map((vote) => vote.slice(0, 1)))).toEqual(new Set(['1', '2']))
    // The largest real poll had 220,000 of 2,000,000.
    expect(votes.filter((vote) => vote.startsWith('1 '))).toHaveLength(330)
  })

  test('behavior: a whole spool is left alone, another or a damaged one is not overwritten', async () => {
    const out = file('spool')
    await presign(undefined, flags({ voters: '100', out }))
    const bytes = readFileSync(out)
    expect(await presign(undefined, flags({ voters: '100', out }))).toBe(ExitCode.PASS)
    const other = presign(undefined, flags({ voters: '100', seed: 'other', out }))
    await expect(other).rejects.toThrow(UsageError)
    expect(readFileSync(out).equals(bytes)).toBe(true)
    truncateSync(out, 5000)
    const damaged = presign(undefined, flags({ voters: '100', out }))
    await expect(damaged).rejects.toThrow(/damaged at byte 5000/)
  })

  test.each([
    ['SIGINT', ExitCode.INTERRUPTED, 'goes on where it stopped'],
    ['SIGKILL', null, ''],
  ] as const)(
    'behavior: after %s the same command goes on where it stopped',
    async (signal, exitCode, message) => {
      const given = flags({ voters: '40000', out: file('spool') })
      const code = `import { presign } from '${MODULE}'
process.exitCode = await presign(undefined, ${JSON.stringify(given)})`
      const child = own(
        spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
          stdio: ['ignore', 'ignore', 'pipe'],
          detached: true,
        }),
      )
      const stderr = text(child.stderr)
      while (journaled(file('spool.journal')) < 2) await sleep(20)
      child.kill(signal)
      await once(child, 'close')
      expect(child.exitCode).toBe(exitCode)
      expect(await stderr).toContain(message)
      expect(existsSync(file('spool'))).toBe(false)
      expect(journaled(file('spool.journal'))).toBeLessThan(10)

      expect(await presign(undefined, given)).toBe(ExitCode.PASS)
      const resumed = readFileSync(file('spool'))
      await presign(undefined, { ...given, out: file('fresh') })
      expect(resumed.equals(readFileSync(file('fresh')))).toBe(true)
    },
  )
})

/** Finished blocks in a journal: each has a digest of 32 bytes, behind that of the content. */
function journaled(journal: string): number {
  if (!existsSync(journal)) return 0
  const bytes = readFileSync(journal)
  const digests = Array.from({ length: bytes.length / 32 }, (_, at) =>
    bytes.subarray(at * 32, at * 32 + 32),
  )
  return digests.slice(1).filter((digest) => !digest.equals(Buffer.alloc(32))).length
}

describe('parse', () => {
  test('error: all problems at once', () => {
    const wrong = flags({
      voters: '0',
      polls: 'x',
      count: '-1',
      path: 'post',
      segment: '4/3',
      workers: String(Workers.WORKERS_MAX + 1),
      ballotBox: '0x12',
      seed: '',
    })
    let problems: readonly string[] = []
    try {
      parse('nowhere', wrong)
    } catch (error) {
      if (error instanceof UsageError) problems = error.problems
    }
    expect(problems).toHaveLength(9)
  })

  test('error: no name and no voters, and more ballots than they can cast', () => {
    expect(() => parse(undefined, flags({}))).toThrow(UsageError)
    expect(() => parse(undefined, flags({ voters: '10', count: '11' }))).toThrow(UsageError)
    expect(parse(undefined, flags({ voters: '10', polls: '2' })).ballotCount).toBe(20)
  })

  test('error: what segments say themselves is not said once more', () => {
    expect(() => parseJoin('smoke', { join: ['a'], voters: '10', json: true })).toThrow(
      /^smoke has no effect: .*\n--voters has no effect: --join takes .*\.$/,
    )
    expect(parseJoin(undefined, { join: ['a', 'b'], out: '/x' })).toEqual({
      files: ['a', 'b'],
      out: '/x',
      json: false,
    })
  })
})

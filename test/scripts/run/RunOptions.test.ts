import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import * as RunOptions from '../../../scripts/run/RunOptions.ts'
import { UsageError } from '../../../scripts/UsageError.ts'

const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const FLAGS: RunOptions.Flags = { ...RunOptions.DEFAULTS, json: false, keepData: false }

describe('parse', () => {
  test('default', () => {
    const options = RunOptions.parse({ ...FLAGS, duration: '90s', rate: '0.5', voters: '7' })
    expect(options).toMatchObject({ durationMs: 90_000, ratePerS: 0.5, voters: 7, seed: '1' })
    expect(options.design.name).toBe('relayed')
  })

  test('error: names every problem at once', () => {
    const flags = { ...FLAGS, duration: '3', rate: '-1', voters: '1e3', network: 'external' }
    expect(problemsOf(flags)).toEqual([
      '--network external needs --rpc URL[,URL].',
      expect.stringContaining('--voters: "1e3"'),
      expect.stringContaining('--rate: "-1"'),
      expect.stringContaining('--duration: "3"'),
    ])
  })

  test('error: a file without a key is told apart from a missing one', () => {
    const file = join(folder, 'key')
    writeFileSync(file, 'zz\n')
    expect(problemsOf({ ...FLAGS, deployerKeyFile: file })).toEqual([
      `--deployer-key-file: "${file}" holds no key of 64 hex digits.`,
    ])
    expect(problemsOf({ ...FLAGS, deployerKeyFile: `${file}2` })).toEqual([
      `--deployer-key-file: there is no file "${file}2".`,
    ])
    writeFileSync(file, `0x${'ab'.repeat(32)}\n`)
    expect(problemsOf({ ...FLAGS, deployerKeyFile: file })).toEqual([])
  })

  test('error: a database that is no URL is refused before anything starts', () => {
    expect(problemsOf({ ...FLAGS, postgres: 'nonsense' })).toEqual([
      expect.stringContaining('--postgres: takes a URL'),
    ])
    expect(problemsOf({ ...FLAGS, postgres: 'postgresql://a@127.0.0.1/b' })).toEqual([])
  })
})

describe('command', () => {
  test('default', () => {
    const flags = { ...FLAGS, rate: '200', seed: "o'clock" }
    expect(RunOptions.command('smoke', flags)).toBe(
      "npm run storm -- run smoke --seed 'o'\\''clock' --rate 200",
    )
  })

  test('behavior: keeps passwords out of the report', () => {
    const flags = {
      ...FLAGS,
      postgres: 'postgres://city:secret@db:5432/ballots',
      rpc: 'http://a:one@x:1,http://:two@y:2,http://z:3',
    }
    const command = RunOptions.command('smoke', flags)
    expect(command).toContain('postgres://city:***@db:5432/ballots')
    expect(command).toContain('http://a:***@x:1,http://:***@y:2,http://z:3')
    expect(command).not.toMatch(/secret|one|two/)
  })
})

function problemsOf(flags: RunOptions.Flags): readonly string[] {
  try {
    RunOptions.parse(flags)
    return []
  } catch (error) {
    if (error instanceof UsageError) return error.problems
    throw error
  }
}

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

  test.each([
    [{ network: 'anvil', validators: '3' }, '--validators has no effect: network anvil'],
    [
      { network: 'external', rpc: 'http://127.0.0.1:1', gasLimit: '60000000' },
      '--gas-limit has no effect: network external',
    ],
    [
      { design: 'legacy', network: 'clique' },
      '--network has no effect: design legacy has no chain',
    ],
    [{ design: 'legacy', validators: '3' }, '--validators has no effect: design legacy'],
    [{ design: 'legacy', finality: 'instant' }, '--finality has no effect: design legacy'],
    [{ design: 'legacy', relayers: '2' }, '--relayers has no effect: design legacy'],
    [
      { design: 'direct', postgres: 'postgres://a@127.0.0.1/b' },
      '--postgres has no effect: design',
    ],
    [{ design: 'direct', apiReplicas: '2' }, '--api-replicas has no effect: design direct'],
    [{ design: 'direct', batchSize: '2' }, '--batch-size has no effect: design direct'],
    [{ allowTargets: import.meta.filename }, '--allow-targets has no effect'],
    [{ design: 'anchored', relayers: '2' }, '--relayers: the contract of --design anchored'],
    [{ relayers: '9' }, '--relayers: "9" is no whole number from 1 to 8'],
    [{ apiReplicas: '0' }, '--api-replicas: "0" is no whole number from 1 to 8'],
    [{ batchSize: '801' }, '--batch-size: "801" is no whole number from 1 to 800'],
    [
      { network: 'qbft', blockTime: '1500ms' },
      '--block-time: "1500ms" is not from 1000ms to 60s in',
    ],
    [{ network: 'anvil', blockTime: '50ms' }, '--block-time: "50ms" is not from 100ms'],
    [{ network: 'qbft', validators: '22' }, '--validators: "22" is no whole number from 1 to 21'],
    [{ network: 'clique', gasLimit: '1' }, '--gas-limit: "1" is no whole number from 5000000'],
  ])('error: %j, refused with the reason and no other', (given, problem) => {
    expect(problemsOf({ ...FLAGS, ...given })).toEqual([expect.stringContaining(problem)])
  })

  test('behavior: what has an effect is taken', () => {
    expect(
      RunOptions.parse({ ...FLAGS, apiReplicas: '2', relayers: '3', batchSize: '7' }),
    ).toMatchObject({ apiReplicas: 2, relayers: 3, batchSize: 7 })
    expect(RunOptions.parse(FLAGS)).toMatchObject({
      apiReplicas: 1,
      relayers: 1,
      batchSize: undefined,
    })
    expect(RunOptions.parse({ ...FLAGS, blockTime: '1500ms' }, 'anvil').blockTimeMs).toBe(1500)
  })

  test('behavior: a design brings its own network, and the user may say otherwise', () => {
    expect(RunOptions.parse({ ...FLAGS, design: 'active-citizen-2017' })).toMatchObject({
      validatorCount: 3,
      gasLimit: 6_000_000,
    })
    const flags = { ...FLAGS, design: 'active-citizen-2017', validators: '5' }
    expect(RunOptions.parse(flags)).toMatchObject({ validatorCount: 5, gasLimit: 6_000_000 })
    expect(RunOptions.parse(FLAGS)).toMatchObject({ validatorCount: 4, gasLimit: 60_000_000 })
  })

  test('error: an API, and a deployment of 2017, are taken with their key only', () => {
    expect(problemsOf({ ...FLAGS, api: 'http://127.0.0.1:1' })).toEqual([
      expect.stringContaining('--api and --receipt-signer go together'),
    ])
    const receiptSigner = `0x${'ab'.repeat(20)}`
    expect(problemsOf({ ...FLAGS, api: 'ftp://x', receiptSigner: '0x1' })).toEqual([
      expect.stringContaining('--api: "ftp://x"'),
      expect.stringContaining('--receipt-signer: "0x1"'),
    ])
    const api = 'http://127.0.0.1:1/'
    expect(problemsOf({ ...FLAGS, api, receiptSigner, design: 'legacy' })).toEqual([
      expect.stringContaining('no chain to hold the API against'),
    ])
    expect(RunOptions.parse({ ...FLAGS, api, receiptSigner }).externalApi).toEqual({
      url: 'http://127.0.0.1:1',
      receiptSigner,
    })
    expect(problemsOf({ ...FLAGS, root: receiptSigner })).toEqual([
      expect.stringContaining('--root and --owner-key-file go together'),
    ])
  })

  test('error: a spool that is not there, a segment that is none', () => {
    expect(problemsOf({ ...FLAGS, spool: join(folder, 'no'), segment: '9/8' })).toEqual([
      expect.stringContaining('--spool: there is no file'),
      expect.stringContaining('--segment: "9/8" is no segment'),
    ])
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

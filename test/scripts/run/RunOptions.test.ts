import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { smoke } from '../../../scenarios/storms/smoke/storm.ts'
import * as RunOptions from '../../../scripts/run/RunOptions.ts'
import { UsageError } from '../../../scripts/UsageError.ts'

const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('parse', () => {
  test('default', () => {
    const options = RunOptions.parse({ duration: '90s', rate: '0.5', voters: '7' })
    expect(options).toMatchObject({ durationMs: 90_000, ratePerS: 0.5, voters: 7, seed: '1' })
    expect(options.design.name).toBe('relayed')
  })

  test('error: names every problem at once', () => {
    const flags = { duration: '3', rate: '-1', voters: '1e3', network: 'external' }
    expect(problemsOf(flags)).toEqual([
      '--voters: "1e3" is no whole number from 1 to 50,000,000.',
      '--rate: "-1" is no number from 0 to 100,000.',
      '--duration: "3" is no time from 0s to 24h (write 500ms, 60s, 2m or 1h).',
      '--network external needs --rpc URL[,URL].',
    ])
  })

  test('error: a file without a key is told apart from a missing one', () => {
    const file = join(folder, 'key')
    writeFileSync(file, 'zz\n')
    expect(problemsOf({ deployerKeyFile: file })).toEqual([
      `--deployer-key-file: "${file}" holds no key of 64 hex digits.`,
    ])
    expect(problemsOf({ deployerKeyFile: `${file}2` })).toEqual([
      `--deployer-key-file: "${file}2" is not there: name a file.`,
    ])
    writeFileSync(file, `0x${'ab'.repeat(32)}\n`)
    expect(problemsOf({ deployerKeyFile: file })).toEqual([])
  })

  test('error: a database that is no URL is refused before anything starts', () => {
    expect(problemsOf({ postgres: 'nonsense' })).toEqual([
      expect.stringContaining('--postgres: takes a URL'),
    ])
    expect(problemsOf({ postgres: 'postgresql://a@127.0.0.1/b' })).toEqual([])
  })

  test.each([
    [{ network: 'anvil', validators: '3' }, '--validators has no effect: network anvil'],
    [
      { network: 'external', rpc: 'http://127.0.0.1:1', gasLimit: '60000000' },
      '--gas-limit has no effect: network external has no gas limit to choose',
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
    [{ design: 'direct', relayers: '2' }, '--relayers has no effect: design direct has no API'],
    [
      { design: 'anchored', relayers: '2' },
      '--relayers has no effect: the contract of design anchored obeys one account',
    ],
    [
      { design: 'active-citizen-2017', batchSize: '1' },
      '--batch-size has no effect: design active-citizen-2017 carries each ballot in a transaction',
    ],
    [
      { batchSize: '801' },
      '--batch-size: "801" is no whole number from 1 to 800, as design relayed takes it.',
    ],
    [
      { design: 'anchored', batchSize: '5801' },
      '--batch-size: "5801" is no whole number from 1 to 5800.',
    ],
    [
      { network: 'qbft', blockTime: '1500ms' },
      '--block-time: "1500ms" is no time from 1s to 1m in whole seconds (write 500ms, 60s, 2m or 1h), as network qbft takes it.',
    ],
    [
      { network: 'qbft', rpc: 'http://127.0.0.1:1' },
      '--rpc has no effect: network qbft has its own',
    ],
  ])('error: %j, refused with the reason and no other', (given, problem) => {
    expect(problemsOf({ ...given })).toEqual([expect.stringContaining(problem)])
  })

  test('behavior: what has an effect is taken', () => {
    expect(RunOptions.parse({ apiReplicas: '2', relayers: '3', batchSize: '7' })).toMatchObject({
      apiReplicas: 2,
      relayers: 3,
      batchSize: 7,
    })
    expect(RunOptions.parse({})).toMatchObject({
      apiReplicas: 1,
      relayers: 1,
      batchSize: undefined,
    })
    expect(RunOptions.parse({ blockTime: '900ms' }, smoke)).toMatchObject({
      blockTimeMs: 900,
      network: 'anvil',
    })
    expect(RunOptions.parse({ design: 'anchored', batchSize: '5800' }).batchSize).toBe(5800)
    expect(RunOptions.parse({ design: 'legacy' }).network).toBeUndefined()
  })

  test('behavior: a design brings its own network, and the user may say otherwise', () => {
    expect(RunOptions.parse({ design: 'active-citizen-2017' })).toMatchObject({
      validatorCount: 3,
      gasLimit: 6_000_000,
    })
    const flags = { design: 'active-citizen-2017', validators: '5' }
    expect(RunOptions.parse(flags)).toMatchObject({ validatorCount: 5, gasLimit: 6_000_000 })
    expect(RunOptions.parse({})).toMatchObject({ validatorCount: 4, gasLimit: 60_000_000 })
  })

  test('error: an API, and a deployment of 2017, are taken with their key only', () => {
    expect(problemsOf({ api: 'http://127.0.0.1:1' })).toEqual([
      expect.stringContaining('--api and --receipt-signer go together'),
    ])
    const receiptSigner = `0x${'ab'.repeat(20)}`
    expect(problemsOf({ api: 'ftp://x', receiptSigner: '0x1' })).toEqual([
      expect.stringContaining('--api: "ftp://x"'),
      expect.stringContaining('--receipt-signer: "0x1"'),
    ])
    const api = 'http://127.0.0.1:1/'
    expect(problemsOf({ api, receiptSigner, design: 'legacy' })).toEqual([
      expect.stringContaining('no chain to hold the API against'),
    ])
    expect(problemsOf({ api, receiptSigner, postgres: 'postgres://a@127.0.0.1/b' })).toEqual([
      '--postgres has no effect: the API of --api brings its own. Leave it out.',
    ])
    expect(RunOptions.parse({ api, receiptSigner }).externalApi).toEqual({
      url: 'http://127.0.0.1:1',
      receiptSigner,
    })
    expect(problemsOf({ root: receiptSigner })).toEqual([
      expect.stringContaining('--root and --owner-key-file go together'),
      expect.stringContaining('--root has no effect: it goes with --design active-citizen-2017'),
    ])
  })

  test('error: a spool that is not there, a segment that is none', () => {
    expect(problemsOf({ spool: join(folder, 'no'), segment: '9/8' })).toEqual([
      expect.stringMatching(/--spool: ".*no" is not there: name a file\./),
      expect.stringContaining('--segment: "9/8" is no segment'),
    ])
  })
})

describe('ofScenario', () => {
  test('default: the scenario with the user’s figures, on its own network', () => {
    const { options, storm } = RunOptions.ofScenario('smoke', { voters: '7', rate: '0' })
    expect(options.network).toBe('anvil')
    expect(storm).toMatchObject({ name: 'smoke', voters: 7 })
  })

  test('error: an unknown scenario is told with what is wrong beside', () => {
    expect(problemsIn(() => RunOptions.ofScenario('nothing', { validators: '99' }))).toEqual([
      expect.stringContaining('--validators: "99"'),
      expect.stringMatching(/^There is no scenario "nothing"; take one of smoke, /),
    ])
  })

  test.each([
    ['smoke', { compress: '3' }, '--compress has no effect: smoke plays no day'],
    ['smoke', { ballots: '3' }, '--ballots has no effect: smoke plays no day'],
    ['city-day', { rate: '3' }, "--rate has no effect: city-day plays a city's day"],
    ['city-day', { duration: '3s' }, '--duration has no effect: city-day plays a city'],
    ['smoke', { voters: '10', rate: '100' }, '1000 ballots are more than 10 voters can cast'],
    ['smoke', { voters: 'x', rate: '100000' }, '--voters: "x"'],
    ['smoke', { blockTime: '1m' }, '--block-time: with 60000 ms a ballot cannot reach the chain'],
  ] as const)('error: %s with %j', (name, flags, problem) => {
    expect(problemsIn(() => RunOptions.ofScenario(name, flags))).toEqual([
      expect.stringContaining(problem),
    ])
  })
})

describe('command', () => {
  test('default', () => {
    const flags = { rate: '200', seed: "o'clock" }
    expect(RunOptions.command('smoke', flags)).toBe(
      "npm run storm -- run smoke --rate 200 --seed 'o'\\''clock'",
    )
  })

  test('behavior: no defaults but the seed, and nothing of what is only said about the output', () => {
    const flags = { design: 'relayed', out: '/x', json: true, keepData: true, apiReplicas: '2' }
    expect(RunOptions.command('smoke', flags)).toBe(
      'npm run storm -- run smoke --seed 1 --api-replicas 2 --keep-data',
    )
  })

  test('behavior: keeps passwords out of the report', () => {
    const flags = {
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
  return problemsIn(() => RunOptions.parse(flags))
}

function problemsIn(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof UsageError) return error.problems
    throw error
  }
}

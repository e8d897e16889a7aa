import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import * as Config from '../../../chain/api/Config.ts'
import * as Process from '../../../scenarios/runtime/Process.ts'

const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const keyFile = join(folder, 'key')
writeFileSync(keyFile, `0x${'ab'.repeat(32)}\n`)

const valid = {
  postgresUrl: 'postgres://127.0.0.1:5432/postgres',
  receiptKeyFile: keyFile,
  chainId: 8995,
  verifyingContract: `0x${'0'.repeat(40)}`,
  registerFile: 'register.bin',
  rpcUrl: 'http://127.0.0.1:8545',
  blockTimeMs: 1000,
}

function write(config: object): string {
  const file = join(folder, 'api.json')
  writeFileSync(file, JSON.stringify(config))
  return file
}

describe('read', () => {
  test('default', () => {
    expect(Config.read(write(valid))).toEqual({
      ...valid,
      host: '127.0.0.1',
      port: 0,
      ballotsQueuedMax: 5000,
      connectionsMax: 4096,
      connectionsPerAddressMax: 1024,
      record: 'chain',
      hasRelayer: true,
      givesProofs: false,
      receiptKey: Buffer.alloc(32, 0xab),
    })
  })

  test('error: all problems at once', () => {
    const { chainId: _, ...rest } = valid
    const file = write({ ...rest, port: -1, blockTimeMs: 0, colour: 'red' })
    expect(() => Config.read(file)).toThrow(Process.ConfigError)
    for (const word of ['chainId', 'port', 'blockTimeMs', 'colour']) {
      expect(() => Config.read(file)).toThrow(word)
    }
  })

  test('behavior: a database alone needs no node and no block time', () => {
    const { rpcUrl: _, blockTimeMs: __, ...rest } = valid
    const legacy = { ...rest, record: 'database', hasRelayer: false }
    expect(Config.read(write(legacy))).toMatchObject(legacy)
  })

  test('error: what a design would lack', () => {
    const { rpcUrl: _, blockTimeMs: __, ...rest } = valid
    for (const word of ['rpcUrl', 'blockTimeMs']) {
      expect(() => Config.read(write(rest))).toThrow(word)
    }
    expect(() => Config.read(write({ ...valid, hasRelayer: false }))).toThrow('hasRelayer')
  })

  test('error: a key that is none', () => {
    writeFileSync(keyFile, 'ab')
    expect(() => Config.read(write(valid))).toThrow(Process.ConfigError)
  })
})

describe('main', () => {
  test('error: exits with 104 and no stack trace', () => {
    const run = spawnSync(process.execPath, ['chain/api/main.ts', write({})], { encoding: 'utf8' })
    expect(run.status).toBe(104)
    expect(run.stderr).toContain('postgresUrl')
    expect(run.stderr).not.toContain('    at ')
  })
})

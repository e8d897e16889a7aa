import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createReadOnlyAccount } from '../../../../chain/database/readOnlyAccount.ts'
import * as Child from '../../../helpers/systemChild.ts'
import * as Table from './Table.ts'

const MAIN = 'metrics/witness/database/main.ts'

let table: Table.Table
let configFile: string
let postgresUrl: string

beforeAll(async () => {
  table = await Table.start()
  configFile = join(table.postgres.folder, 'witness.json')
  const account = { name: 'reader', password: 'secret' }
  postgresUrl = await createReadOnlyAccount(table.postgres.url, account)
})
afterAll(() => table?.dispose())

function configure(config: Record<string, unknown>): void {
  writeFileSync(configFile, JSON.stringify(config))
}

describe('main', () => {
  test('default: reads over a read-only account, and tells of rows that changed', async () => {
    const { observationsFile } = table
    configure({ postgresUrl, observationsFile, pollIntervalMs: 20 })
    await table.insert(1, 0)
    const witness = await Child.startMain(MAIN, configFile)
    await table.insert(2, 1)
    const counted = async (): Promise<boolean> => {
      const text = await (await fetch(`${witness.url}/metrics`)).text()
      return text.includes('ballotstorm_witness_ballots_final_total 2\n')
    }
    await Child.until(() => witness.output(), counted)
    await table.query('update ballots set choice = 1 where voter_index = 1')
    expect(await witness.kill('SIGTERM')).toBe(0)
    expect(witness.output()).toContain('rows changed or vanished in 1 readings')
    const kinds = table.observed().map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'reorganisation')).toHaveLength(1)
  })

  test('behavior: a server that crashes and comes back loses nothing', async () => {
    await table.clear()
    configure({ postgresUrl, observationsFile: table.observationsFile, pollIntervalMs: 20 })
    const witness = await Child.startMain(MAIN, configFile)
    await table.insert(1, 0)
    await Child.until('seen', () => Table.ballotsOf(table.observed()).flat().length === 1)
    await table.postgres.crash()
    await table.postgres.restart()
    await table.insert(2, 1)
    await Child.until('seen', () => Table.ballotsOf(table.observed()).flat().length === 2)
    expect(await witness.kill('SIGTERM')).toBe(0)
    expect(table.observed().filter(({ kind }) => kind === 'reorganisation')).toEqual([])
  })

  test('error: gone at the end: what could not be checked is said, and the exit code', async () => {
    await table.clear()
    configure({ postgresUrl, observationsFile: table.observationsFile, pollIntervalMs: 20 })
    const witness = await Child.startMain(MAIN, configFile)
    await table.postgres.crash()
    expect(await witness.kill('SIGTERM')).toBe(107)
    expect(witness.output()).toMatch(/The table ballots at 127\.0\.0\.1:\d+ cannot be read/)
    expect(witness.output()).not.toContain('    at ')
    await table.postgres.restart()
  })

  test.each([
    ['a configuration with problems', { postgresUrl: 'mysql://x', port: -1 }, 104],
    ['nobody there', { postgresUrl: 'postgres://u:p@127.0.0.1:9/x', observationsFile: '/x' }, 107],
  ])('error: %s', (_, config, exitCode) => {
    configure(config)
    const ended = spawnSync(process.execPath, [MAIN, configFile], { encoding: 'utf8' })
    expect(ended.status).toBe(exitCode)
    expect(ended.stderr).not.toContain('    at ')
    expect(ended.stdout).toContain('"ready":false')
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as ExitCode from '../../../scripts/ExitCode.ts'
import * as Cli from '../../helpers/Cli.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import { lie } from '../../helpers/rpcProxyLies.ts'
import { mined } from '../../metrics/audit/mined.ts'
import * as runs from '../../fixtures/runs.ts'
import * as City from '../../metrics/City.ts'

let city: City.City
let liar: RpcProxy.RpcProxy

beforeAll(async () => {
  city = await City.found('api')
  await mined(city.anvil, await city.send(0, 1, 2, 3))
  liar = await RpcProxy.start(city.anvil.url)
  liar.rewrite(lie(new Map([[city.intent(0).voterIndex, []]])))
}, 60_000)

afterAll(async () => {
  await liar.close()
  await city.dispose()
})

async function verify(...words: string[]) {
  const cli = Cli.start(['verify', ...words])
  try {
    return await cli.end
  } finally {
    await cli.dispose()
  }
}

describe('verify', () => {
  test('default', async () => {
    const { exitCode, stdout } = await verify(
      '--rpc',
      city.anvil.url,
      '--contract',
      city.ballotBox.toUpperCase().replace('0X', '0x'),
    )
    expect(stdout).toContain('Everything agrees.')
    expect(stdout).toContain('Poll 1: Which? (not sealed yet)')
    expect(stdout).toContain('Not checked:')
    expect(exitCode).toBe(ExitCode.PASS)
  })

  test('behavior: a lying node', async () => {
    const args = ['--rpc', liar.url, '--contract', city.ballotBox]
    const { exitCode, stdout } = await verify(...args)
    expect(stdout).toContain('FINDINGS: 1')
    expect(stdout).toContain('brokenBlock')
    expect(exitCode).toBe(ExitCode.INTEGRITY_VIOLATED)
    const json = await verify(...args, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ findings: { count: 1 } })
    expect(json.exitCode).toBe(ExitCode.INTEGRITY_VIOLATED)
  })

  test('error: no node answers: nothing is said', async () => {
    const { exitCode, stdout, stderr } = await verify(
      '--rpc',
      'http://127.0.0.1:1',
      '--contract',
      city.ballotBox,
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: ExitCode.INCONCLUSIVE, stdout: '' })
    expect(stderr).toContain('Nothing can be said')
  })

  test('behavior: a run folder names contract, block and genesis; what the user says outweighs it', async () => {
    const run = runs.passed()
    const { network } = run
    if (network === null) throw new Error('The fixture has a network.')
    const genesis = await city.anvil.request('eth_getBlockByNumber', '0x0', false)
    const { hash: genesisHash } = Value.Parse(Type.Object({ hash: Type.String() }), genesis)
    const deployment = { contract: city.ballotBox, fromBlock: 1, receiptSigner: null }
    const write = (changes: object): void =>
      writeFileSync(
        join(city.folder, 'run.json'),
        JSON.stringify({ ...run, deployment, network: { ...network, genesisHash }, ...changes }),
      )
    const args = ['--rpc', city.anvil.url, '--run', city.folder]
    write({})
    const agreed = await verify(...args)
    expect(agreed.stdout, agreed.stderr).toContain('Everything agrees.')
    write({ network })
    expect((await verify(...args)).exitCode).toBe(ExitCode.INTEGRITY_VIOLATED)
    expect((await verify(...args, '--genesis', genesisHash)).exitCode).toBe(ExitCode.PASS)
    write({ deployment: null })
    const none = await verify(...args)
    expect(none.exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(none.stderr).toContain('the record names no contract')
    const neither = await verify('--rpc', city.anvil.url)
    expect(neither.stderr).toContain('--contract with its address, or --run')
  })

  test('error: all mistakes at once', async () => {
    const { exitCode, stderr } = await verify(
      ...'--rpc ftp://x --contract 0x12 --from-block 0 --genesis 1'.split(' '),
      ...'--register /nowhere --receipts /nowhere'.split(' '),
    )
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    for (const flag of 'rpc contract from-block register receipts genesis'.split(' ')) {
      expect(stderr).toContain(`--${flag}`)
    }
  })
})

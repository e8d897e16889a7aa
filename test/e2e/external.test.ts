import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import * as Anvil from '../../chain/networks/anvil.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

const undo: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A chain that somebody else runs; anvil's first account is funded there, by a key known to all. */
async function foreignChain(gasPriceWei: number): Promise<string> {
  const logFolder = temporaryFolder()
  const supervisor = Supervisor.create({ logFolder })
  undo.push(() => supervisor.stopAll())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await supervisor.start({
    name: 'foreign',
    command: Anvil.binary(),
    args: Object.entries({
      port,
      'chain-id': 4242,
      'block-time': 1,
      hardfork: 'berlin',
      'gas-price': gasPriceWei,
      'gas-limit': 60_000_000,
    }).flatMap(([flag, value]) => [`--${flag}`, `${value}`]),
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(url, { method: 'POST', body: '{}' })
        return response.status < 500 ? true : undefined
      }),
    readyTimeoutMs: 30_000,
  })
  return url
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-foreign-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const FUNDED_KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

function storm(...words: string[]): Cli.Cli {
  const cli = Cli.start(['run', 'smoke', '--network', 'external', '--duration', '2s', ...words])
  undo.push(() => cli.dispose())
  return cli
}

describe('run --network external', { timeout: 240_000 }, () => {
  test('default: a foreign chain without a gas price is deployed to and stormed, twice', async () => {
    const rpc = await foreignChain(0)
    for (const design of ['relayed', 'direct']) {
      const cli = storm('--rpc', rpc, '--design', design, '--finality', 'depth:2')
      const { exitCode, stderr } = await cli.end
      expect(exitCode, stderr).toBe(ExitCode.PASS)
      const run = cli.record()
      expect(run.network.kind).toBe('external')
      expect(run.network.finality).toEqual({ kind: 'depth', depth: 2 })
      expect(run.counts.final).toBe(run.counts.planned)
    }
  })

  test('error: direct on a priced chain is refused with that sentence', async () => {
    const cli = storm('--rpc', await foreignChain(1_000_000_000), '--design', 'direct')
    const { exitCode, stderr } = await cli.end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('This chain has a gas price')
  })

  test('behavior: a priced chain is paid for by the funded account', async () => {
    const keyFile = join(temporaryFolder(), 'key')
    writeFileSync(keyFile, FUNDED_KEY)
    const rpc = await foreignChain(1_000_000_000)
    const cli = storm('--rpc', rpc, '--finality', 'instant', '--deployer-key-file', keyFile)
    const { exitCode, stderr } = await cli.end
    expect(exitCode, stderr).toBe(ExitCode.PASS)
  })

  test('error: a priced chain without a funded account names the flag', async () => {
    const { exitCode, stderr } = await storm('--rpc', await foreignChain(1_000_000_000)).end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('--deployer-key-file')
  })

  test('error: a target beyond loopback needs an entry in a file', async () => {
    const { exitCode, stderr } = await storm('--rpc', 'http://192.0.2.1:8545').end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('--allow-targets')
  })
})

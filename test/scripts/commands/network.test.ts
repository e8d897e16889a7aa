import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as ProcessTable from '../../../chain/processes/ProcessTable.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import type { NetworkState } from '../../../scripts/network/NetworkState.ts'
import { tool } from '../../helpers/tool.ts'
import { own, ownLeader } from '../../helpers/own.ts'

const TIMEOUT_MS = 180_000

let folder: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-network-'))
  environment = {
    ...process.env,
    BALLOTSTORM_CACHE: folder,
    BALLOTSTORM_GOQUORUM: await tool('goquorum'),
    BALLOTSTORM_GETH: await tool('geth'),
  }
  const module = join(import.meta.dirname, '../../../scripts/commands/network.ts')
  writeFileSync(
    join(folder, 'run.ts'),
    `import * as Network from '${module}'
const [, , command, json, network] = process.argv
const flags = {
  name: 'test', network: network ?? 'qbft', validators: '1', blockTime: '1s', gasLimit: '60000000', seed: '1', json: json === '--json',
}
try { process.exitCode = await Network[command](flags) } catch (error) { console.log(error.message); process.exitCode = 104 }`,
  )
})

afterAll(async () => {
  await run('networkDown')
  rmSync(folder, { recursive: true, force: true })
})

async function run(...words: string[]): Promise<{ stdout: string; code: number }> {
  const child = own(
    spawn(process.execPath, [join(folder, 'run.ts'), ...words], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    }),
  )
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  // It goes on when the command has ended, and must not when this test has.
  if (words[0] === 'networkUp' && code === 0) ownLeader(readState().host)
  return { stdout, code }
}

function readState(): NetworkState {
  return JSON.parse(readFileSync(join(folder, 'networks/test/state.json'), 'utf8'))
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 20_000 && !condition(); waitedMs += 50) await sleep(50)
  return condition()
}

describe('networkUp', () => {
  test(
    'default',
    async () => {
      const up = await run('networkUp', '--json')
      expect(up.code).toBe(ExitCode.PASS)
      expect(JSON.parse(up.stdout)).toMatchObject({ name: 'test', kind: 'qbft', chainId: 8995 })
      const status = await run('networkStatus', '--json')
      expect(status.code).toBe(ExitCode.PASS)
      expect(JSON.parse(status.stdout)).toMatchObject({
        state: 'up',
        nodes: [
          { name: 'validator', isRunning: true, peerCount: 1 },
          { name: 'observer', isRunning: true, peerCount: 1 },
        ],
      })
      const again = await run('networkUp')
      expect(again.code).toBe(ExitCode.BAD_CONFIGURATION)
      expect(again.stdout).toContain('is up already')

      const { nodes, host } = readState()
      const down = await run('networkDown', '--json')
      expect(JSON.parse(down.stdout)).toEqual({ name: 'test', state: 'down', wasUp: true })
      expect([host, ...nodes].filter(ProcessTable.isAlive)).toEqual([])
      expect(readdirSync(join(folder, 'networks'))).toEqual([])
      expect((await run('networkStatus')).code).toBe(ExitCode.BAD_CONFIGURATION)
      expect((await run('networkDown')).code).toBe(ExitCode.PASS)
    },
    TIMEOUT_MS,
  )

  test(
    'behavior: a network of another consensus, where that is asked for',
    async () => {
      const up = await run('networkUp', '--json', 'clique')
      expect(up.code).toBe(ExitCode.PASS)
      expect(JSON.parse(up.stdout)).toMatchObject({ kind: 'clique', validators: { length: 1 } })
      expect((await run('networkStatus')).code).toBe(ExitCode.PASS)
      expect((await run('networkDown')).code).toBe(ExitCode.PASS)
    },
    TIMEOUT_MS,
  )

  test(
    'behavior: no node outlives its host, however that ends',
    async () => {
      await run('networkUp')
      const { nodes, host } = readState()
      expect(nodes.filter(ProcessTable.isAlive).length).toBe(2)
      ProcessTable.signalGroup(host, 'SIGKILL')
      expect(await eventually(() => nodes.filter(ProcessTable.isAlive).length === 0)).toBe(true)
      expect(await eventually(() => !existsSync(join(folder, 'networks/test/data')))).toBe(true)
      expect((await run('networkUp')).code).toBe(ExitCode.PASS)
    },
    TIMEOUT_MS,
  )
})

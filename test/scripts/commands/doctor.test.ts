import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Part } from '../../../scripts/commands/doctor.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import { tool } from '../../helpers/tool.ts'
import { own } from '../../helpers/own.ts'

const MODULE = join(import.meta.dirname, '../../../scripts/commands/doctor.ts')

async function run(
  json: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<{ stdout: string; code: number }> {
  const code = `import { doctor } from '${MODULE}'
process.exitCode = await doctor({ json: ${json} })`
  const child = own(
    spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    }),
  )
  const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { stdout, code: exitCode }
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-doctor-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('doctor', () => {
  test(
    'default',
    async () => {
      await tool('k6')
      await tool('goquorum')
      const { stdout, code } = await run(true, {})
      const { isHealthy, parts }: { isHealthy: boolean; parts: Part[] } = JSON.parse(stdout)
      expect({ isHealthy, code }).toEqual({ isHealthy: true, code: ExitCode.PASS })
      expect(parts.map(({ name }) => name)).toEqual(
        'node go gcc k6 goquorum geth prometheus promtool anvil PostgreSQL chromium solc'.split(
          ' ',
        ),
      )
      for (const name of ['node', 'k6', 'goquorum', 'anvil', 'PostgreSQL', 'solc']) {
        const version: unknown = expect.stringMatching(/^\d/)
        expect(parts).toContainEqual(expect.objectContaining({ name, state: 'ok', version }))
      }
    },
    20 * 60_000,
  )

  test('error: nothing can be built: each missing part has its remedy', async () => {
    const { stdout, code } = await run(true, { BALLOTSTORM_CACHE: folder, PATH: folder })
    const { parts }: { parts: Part[] } = JSON.parse(stdout)
    expect(code).toBe(ExitCode.BAD_CONFIGURATION)
    const states = Object.fromEntries(parts.map(({ name, state }) => [name, state]))
    expect(states).toMatchObject({
      go: 'missing',
      gcc: 'missing',
      k6: 'missing',
      goquorum: 'missing',
      geth: 'optional',
      prometheus: 'optional',
      chromium: 'optional',
    })
    const remedies = parts.filter(({ state }) => state !== 'ok').map(({ remedy }) => remedy)
    for (const remedy of remedies) expect(remedy).toMatch(/^\w.*\.$/)
    const { stdout: words } = await run(false, { BALLOTSTORM_CACHE: folder, PATH: folder })
    expect(words).toContain('✗ k6')
  })
})

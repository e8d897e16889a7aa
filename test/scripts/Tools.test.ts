import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Tools from '../../scripts/Tools.ts'
import { own } from '../helpers/own.ts'

/** Go's own cache is warm once the tool was built by anybody; cold it takes minutes. */
const BUILD_TIMEOUT_MS = 20 * 60_000

let folder: string
let earlier: NodeJS.ProcessEnv

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-tools-'))
  earlier = { ...process.env }
  process.env['BALLOTSTORM_CACHE'] = join(folder, 'cache')
})

afterEach(() => {
  process.env = earlier
  rmSync(folder, { recursive: true, force: true })
})

/** A program that answers with a text, whatever it is asked. */
function program(path: string, answer: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 })
  return file
}

describe('find', () => {
  test('default', async () => {
    expect(await Tools.find('k6', { PATH: join(folder, 'none') })).toBeUndefined()
  })

  test('behavior: the environment variable comes first', async () => {
    const path = program('own/some-k6', 'k6 v2.9.1 (go1.26)')
    program('bin/k6', 'k6 v2.2.0 (go1.26)')
    const environment = { BALLOTSTORM_K6: path, PATH: join(folder, 'bin') }
    expect(await Tools.find('k6', environment)).toEqual({
      path,
      version: '2.9.1',
      source: 'environment',
    })
  })

  test.each([
    ['k6', 'k6', 'k6 v2.2.3 (go1.26)', '2.2.3'],
    ['goquorum', 'geth', 'Version: 1.10.3-stable\nQuorum Version: 22.7.4', '22.7.4'],
    ['geth', 'geth', 'Version: 1.13.15-stable', '1.13.15'],
    ['prometheus', 'prometheus', 'prometheus, version 2.42.0+ds (branch: debian)', '2.42.0'],
    ['promtool', 'promtool', 'promtool, version 3.16.0 (branch: )', '3.16.0'],
  ] as const)(
    'behavior: %s of a fitting version from PATH',
    async (name, file, answer, version) => {
      const path = program(`bin/${file}`, answer)
      const environment = { PATH: `${join(folder, 'none')}:${join(folder, 'bin')}` }
      expect(await Tools.find(name, environment)).toEqual({ path, version, source: 'PATH' })
    },
  )

  test.each([
    ['k6', 'k6', 'k6 v1.3.0 (go1.25)'],
    ['k6', 'k6', 'placeholder'],
    ['goquorum', 'geth', 'Version: 1.13.15-stable'],
    ['goquorum', 'geth', 'Quorum Version: 23.4.0'],
    ['geth', 'geth', 'Version: 1.10.3-stable\nQuorum Version: 22.7.4'],
    ['geth', 'geth', 'Version: 1.14.0-stable'],
    ['geth', 'geth', 'Version: 1.13.14-stable'],
    ['prometheus', 'prometheus', 'prometheus, version 2.41.9 (branch: )'],
  ] as const)('behavior: %s on PATH is passed over as %s: %s', async (name, file, answer) => {
    program(`bin/${file}`, answer)
    expect(await Tools.find(name, { PATH: join(folder, 'bin') })).toBeUndefined()
  })

  test('error: the environment variable names another program', async () => {
    const environment = { BALLOTSTORM_K6: '/bin/true', PATH: '' }
    await expect(Tools.find('k6', environment)).rejects.toMatchObject({ code: 'TOOL_ENVIRONMENT' })
  })
})

describe('resolve', () => {
  test(
    'behavior: two processes at once build once, and a broken binary is built again',
    async () => {
      const module = join(import.meta.dirname, '../../scripts/Tools.ts')
      const file = join(folder, 'resolve.ts')
      writeFileSync(
        file,
        `import * as Tools from '${module}'
console.log(JSON.stringify(await Tools.resolve('goquorum')))`,
      )
      const run = async (): Promise<Tools.Tool> => {
        const child = own(
          spawn(process.execPath, [file], {
            stdio: ['ignore', 'pipe', 'inherit'],
            detached: true,
          }),
        )
        const [out] = await Promise.all([text(child.stdout), once(child, 'exit')])
        return JSON.parse(out)
      }
      const path = Tools.cachePath('goquorum')
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, 'half a download', { mode: 0o755 })
      const [first, second] = await Promise.all([run(), run()])
      expect(first).toEqual({ path, version: '22.7.4', source: 'built' })
      expect(second).toMatchObject({ path, version: '22.7.4' })
      const { ino } = statSync(path)
      expect(await run()).toEqual({ path, version: '22.7.4', source: 'cache' })
      expect(statSync(path).ino).toBe(ino)
      expect(readdirSync(dirname(path))).toEqual(['geth'])
    },
    BUILD_TIMEOUT_MS,
  )

  test('error: no Go', async () => {
    process.env['PATH'] = join(folder, 'none')
    await expect(Tools.resolve('k6')).rejects.toMatchObject({ code: 'TOOL_NO_GO' })
  })

  test.each([
    ['Go is too old', 'go version go1.24.9 linux/amd64', 'TOOL_NO_GO'],
    ['there is no gcc', 'go version go1.26.8 linux/amd64', 'TOOL_NO_GCC'],
  ])('error: %s', async (_, answer, code) => {
    program('bin/go', answer)
    process.env['PATH'] = join(folder, 'bin')
    await expect(Tools.resolve('goquorum')).rejects.toMatchObject({ code })
  })
})

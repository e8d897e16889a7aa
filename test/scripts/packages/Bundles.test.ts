import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import * as Bundles from '../../../scripts/packages/Bundles.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-bundles-'))
  vi.stubEnv('BALLOTSTORM_CACHE', join(folder, 'cache'))
  vi.stubEnv('NODE_OPTIONS', '--no-warnings')
  vi.stubEnv('NODE_COMPILE_CACHE', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** What a process prints that imports packages which have bundles, and the urls that it loaded. */
async function run(environment: Record<string, string>): Promise<unknown> {
  const code = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { Type } = await import('typebox')
    const { Value } = await import('typebox/value')
    const { keccak256 } = await import('ethers')
    for (const entry of ['typebox/compile', 'typebox/system']) await import(entry)
    for (const entry of ['charts', 'components', 'core', 'renderers']) await import('echarts/' + entry)
    console.log(JSON.stringify({
      isText: Value.Check(Type.String(), 'a'),
      digest: keccak256('0x'),
      moduleCount: loaded.length,
      isBundled: loaded.every((url) => !url.includes('/node_modules/')),
    }))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', code],
    { env: { PATH: process.env['PATH'], ...environment } },
  )
  return JSON.parse(stdout)
}

const EMPTY = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

describe('environment', { timeout: 60_000 }, () => {
  test('default: whoever imports a package that has a bundle gets it, and the same from it', async () => {
    // The tests themselves may run on bundles.
    const environment = await Bundles.environment()
    expect(environment['NODE_OPTIONS']).toMatch(/^--no-warnings --import file:/)
    const bundled = await run(environment)
    expect(bundled).toMatchObject({ isText: true, digest: EMPTY, isBundled: true })
    const whole = await run({})
    expect(whole).toMatchObject({ isText: true, digest: EMPTY, isBundled: false })
    // One file in place of hundreds.
    expect(countOf(whole)).toBeGreaterThan(10 * countOf(bundled))
  })

  test('behavior: the hook is named once, and what is bundled stays', async () => {
    const environment = await Bundles.environment()
    vi.stubEnv('NODE_OPTIONS', environment['NODE_OPTIONS'])
    expect(await Bundles.environment()).toEqual(environment)
    expect(readdirSync(join(folder, 'cache/bundles'))).toHaveLength(1)
  })

  test('behavior: where the cache cannot be written everything runs without', async () => {
    writeFileSync(join(folder, 'cache'), 'a file where the folder would be')
    expect(await Bundles.environment()).toEqual({})
  })
})

function countOf(told: unknown): number {
  return typeof told === 'object' && told !== null && 'moduleCount' in told
    ? Number(told.moduleCount)
    : Number.NaN
}

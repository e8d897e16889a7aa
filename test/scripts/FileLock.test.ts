import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as FileLock from '../../scripts/FileLock.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-lock-'))
  path = join(folder, 'lock')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('hold', () => {
  test('default', async () => {
    const result = await FileLock.hold(path, { timeoutMs: 1000 }, async () => {
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid })
      return 7
    })
    expect(result).toBe(7)
    expect(existsSync(path)).toBe(false)
  })

  test('behavior: one at a time', async () => {
    let inside = 0
    let insideMax = 0
    const waits: number[] = []
    const options = { timeoutMs: 10_000, onWait: (pid: number): void => void waits.push(pid) }
    const work = async (): Promise<void> => {
      inside += 1
      insideMax = Math.max(insideMax, inside)
      await sleep(20)
      inside -= 1
    }
    await Promise.all([1, 2, 3].map(() => FileLock.hold(path, options, work)))
    expect(insideMax).toBe(1)
    expect(waits).toEqual([process.pid, process.pid])
  })

  test('behavior: let go when the work fails', async () => {
    const attempt = FileLock.hold(path, { timeoutMs: 1000 }, () => Promise.reject(new Error('no')))
    await expect(attempt).rejects.toThrow('no')
    expect(existsSync(path)).toBe(false)
  })

  test.each([
    ['is dead', JSON.stringify({ pid: 2 ** 22, startTicks: 1 })],
    ['had this pid earlier', JSON.stringify({ pid: process.pid, startTicks: 1 })],
    ['is not told', ''],
  ])('behavior: taken over when its holder %s', async (_, content) => {
    writeFileSync(path, content)
    expect(await FileLock.hold(path, { timeoutMs: 1000 }, async () => 7)).toBe(7)
  })

  test('error: held for too long', async () => {
    await FileLock.hold(path, { timeoutMs: 1000 }, async () => {
      const second = FileLock.hold(path, { timeoutMs: 300 }, async () => 7)
      await expect(second).rejects.toMatchObject({ code: 'FILE_LOCK_TIMEOUT' })
    })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import * as Disk from '../../../scripts/run/Disk.ts'
import { UsageError } from '../../../scripts/UsageError.ts'

const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-disk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('assertRoom', () => {
  test('default', () => {
    expect(() => Disk.assertRoom(join(folder, 'a/b'), { ballots: 1, voters: 1 })).not.toThrow()
  })

  test('error: more than the disk has', () => {
    expect(() => Disk.assertRoom(folder, { ballots: 1e15, voters: 1 })).toThrow(
      /needs about .* GB and .* has .* GB free/,
    )
  })

  test('error: a folder that cannot be made', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const room = (): void => Disk.assertRoom(file, { ballots: 1, voters: 1 })
    expect(room).toThrow(UsageError)
    expect(room).toThrow(/--out: .* cannot be made/)
  })
})

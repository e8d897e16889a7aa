import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { treeDigest } from '../../../scripts/mutants/treeDigest.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-tree-'))
  write('package-lock.json', '{}')
  write('metrics/books/Tally.ts', 'one')
  write('test/metrics/books/Tally.test.ts', 'two')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(file: string, content: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), content)
}

describe('treeDigest', () => {
  test('default: the same tree has the same digest, whatever else lies there', () => {
    const before = treeDigest(folder)
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    write('README.md', 'words')
    write('out/runs/1.ts', 'made')
    write('test/fixtures/mutants/books.json', 'kept')
    expect(treeDigest(folder)).toBe(before)
  })

  test.each([
    ['a source', 'metrics/books/Tally.ts', 'other'],
    ['a test', 'test/metrics/books/Tally.test.ts', 'other'],
    ['a package', 'package-lock.json', '{ }'],
    ['a recorded chain', 'test/fixtures/chains/direct.json', '{}'],
  ])('behavior: %s makes another one', (_, file, content) => {
    const before = treeDigest(folder)
    write(file, content)
    expect(treeDigest(folder)).not.toBe(before)
  })

  test('behavior: a name that moves makes another one', () => {
    const before = treeDigest(folder)
    renameSync(join(folder, 'metrics/books/Tally.ts'), join(folder, 'metrics/books/Total.ts'))
    expect(treeDigest(folder)).not.toBe(before)
  })
})

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as LineTail from '../../../scenarios/runtime/LineTail.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-tail-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('open', () => {
  test('default: whole lines as they are appended, also to a file that comes later', () => {
    const file = join(folder, 'lines.log')
    const tail = LineTail.open(file)
    expect(tail.read()).toEqual([])
    writeFileSync(file, 'one\ntw')
    expect(tail.read()).toEqual(['one'])
    const rest = Buffer.from('o\nдве\n')
    appendFileSync(file, rest.subarray(0, 3))
    expect(tail.read()).toEqual(['two'])
    appendFileSync(file, rest.subarray(3))
    expect(tail.read()).toEqual(['две'])
    expect(tail.read()).toEqual([])
    tail.close()
  })

  test('behavior: all of a file that is longer than a chunk', () => {
    const file = join(folder, 'lines.log')
    const lines = Array.from({ length: 10 }, (_, index) => String(index).repeat(300_000))
    writeFileSync(file, `${lines.join('\n')}\nto`)
    const tail = LineTail.open(file)
    expect([...tail.readAll()]).toEqual(lines)
    appendFileSync(file, 'rn\n')
    expect([...tail.readAll()]).toEqual(['torn'])
    tail.close()
  })
})

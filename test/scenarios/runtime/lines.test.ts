import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { chunks, lines, type Line } from '../../../scenarios/runtime/lines.ts'

const MEGABYTE = 1024 * 1024

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-lines-'))
  file = join(folder, 'some.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function read(text: string): Promise<Line[]> {
  writeFileSync(file, text)
  return (await Array.fromAsync(lines(file))).flat()
}

describe('lines', () => {
  test('default: text, number and place of each line', async () => {
    expect(await read('one\nzwei ж\n\nthree\n')).toEqual([
      { text: 'one', number: 1, offsetBytes: 0, sizeBytes: 3, isWhole: true },
      { text: 'zwei ж', number: 2, offsetBytes: 4, sizeBytes: 7, isWhole: true },
      { text: '', number: 3, offsetBytes: 12, sizeBytes: 0, isWhole: true },
      { text: 'three', number: 4, offsetBytes: 13, sizeBytes: 5, isWhole: true },
    ])
  })

  test('behavior: a last line without its end is torn', async () => {
    const [whole, torn] = await read('whole\nto')
    expect(whole).toMatchObject({ text: 'whole', isWhole: true })
    expect(torn).toMatchObject({ text: 'to', number: 2, offsetBytes: 6, isWhole: false })
  })

  test('behavior: an empty file and a missing one have no lines', async () => {
    expect(await read('')).toEqual([])
    expect(await Array.fromAsync(lines(join(folder, 'missing')))).toEqual([])
  })

  test.each([
    ['end with a chunk', [MEGABYTE - 1, 5, MEGABYTE - 7, 3]],
    ['cross chunks', [MEGABYTE - 2, 10, MEGABYTE, 10]],
    ['are longer than chunks', [3, 3 * MEGABYTE + 17, 2 * MEGABYTE - 1, 0, 7]],
  ])('behavior: nothing is lost where lines %s', async (_, sizes) => {
    const texts = sizes.map((size, index) => String.fromCodePoint(97 + index).repeat(size))
    const found = await read(texts.map((text) => `${text}\n`).join(''))
    expect(found.map(({ text }) => text.length)).toEqual(sizes)
    expect(found.every(({ text }, index) => text === texts[index])).toBe(true)
    let offsetBytes = 0
    for (const [index, line] of found.entries()) {
      expect(line).toMatchObject({ number: index + 1, offsetBytes, isWhole: true })
      offsetBytes += line.sizeBytes + 1
    }
  })
})

describe('chunks', () => {
  test('default: whole lines of about a megabyte, in order, the torn one by itself', async () => {
    const text = `${'x'.repeat(99)}\n`.repeat(30_000)
    writeFileSync(file, `${text}torn`)
    const found = await Array.fromAsync(chunks(file))
    expect(Buffer.concat(found.map(({ bytes }) => bytes)).toString()).toBe(`${text}torn`)
    expect(found.map(({ isWhole }) => isWhole)).toEqual([true, true, true, false])
    for (const { bytes, offsetBytes, isWhole } of found) {
      expect(bytes.length).toBeLessThanOrEqual(MEGABYTE + 100)
      expect(offsetBytes % 100).toBe(0)
      expect(bytes.at(-1) === 10).toBe(isWhole)
    }
  })
})

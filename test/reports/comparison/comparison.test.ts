import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { comparisonSummary } from '../../../reports/comparison/comparisonSummary.ts'
import { writeComparison } from '../../../reports/comparison/writeComparison.ts'
import * as comparisons from '../../fixtures/comparisons.ts'
import * as Tool from '../../helpers/tool.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-comparison-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(comparison: ReturnType<typeof comparisons.whole>, name: string): string {
  const file = join(folder, `${name}.html`)
  writeComparison(comparison, file)
  return file
}

describe('writeComparison', () => {
  test('default', () => {
    const text = readFileSync(write(comparisons.whole(), 'default'), 'utf8')
    expect(text).toMatch(/^<!doctype html>/)
    expect(text).not.toContain('<script')
    expect(text).not.toMatch(/NaN|undefined|\[object|Infinity/)
    expect(text).toContain('relayed on qbft carries 842')
    expect(readdirSync(folder).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })

  test('behavior: a design that was never at its limit has a lower bound, in every figure', () => {
    const text = readFileSync(write(comparisons.whole(), 'bound'), 'utf8')
    expect(text).toContain('at least 1,310')
    expect(text).toContain('at least 38.3×')
    expect(text).toContain('at most ')
  })

  test('behavior: a multiple of a lower bound is not printed', () => {
    const comparison = comparisons.whole()
    for (const { capacity } of comparison.entries) if (capacity) capacity.isSaturated = false
    expect(comparisonSummary(comparison)).not.toContain('×  ')
    expect(readFileSync(write(comparison, 'unbounded'), 'utf8')).not.toContain('×')
  })

  test('behavior: what broke off is said, and what comes from a record is never markup', () => {
    const text = readFileSync(write(comparisons.torn(), 'torn'), 'utf8')
    expect(text).toContain('Not every phase came to a figure')
    expect(text).toContain('&lt;b&gt;postgres&lt;/b&gt; ended')
    expect(text).toContain('3 findings')
  })

  test('behavior: in Chromium nothing overflows, wide or narrow', async () => {
    const browser = await chromium.launch({
      ...Tool.chromium(),
      args: ['--no-sandbox'],
    })
    try {
      for (const width of [1280, 390]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } })
        await page.goto(pathToFileURL(write(comparisons.whole(), `w${width}`)).href)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      }
    } finally {
      await browser.close()
    }
  }, 60_000)
})

describe('comparisonSummary', () => {
  test('default', () => {
    const comparison = comparisons.whole()
    const lines = comparisonSummary(comparison).split('\n')
    expect(lines).toHaveLength(comparison.entries.length + 1)
    expect(lines.find((line) => line.startsWith('relayed'))).toMatch(/842 ballots\/s .*24\.6× /)
  })
})

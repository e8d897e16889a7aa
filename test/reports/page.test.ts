import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Run } from '../../metrics/Run.ts'
import { writeOutputs } from '../../reports/outputs.ts'
import * as runs from '../fixtures/runs.ts'
import * as Tool from '../helpers/tool.ts'

/** The first keeps a browser in a container from failing, the others from calling home. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-report-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(run: Run, name: string): string {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  writeOutputs(run, own)
  return join(own, 'report.html')
}

describe('writeOutputs', () => {
  test('default', () => {
    const text = readFileSync(write(runs.passed(), 'default'), 'utf8')
    expect(text).toMatch(/^<!doctype html>/)
    expect(text).not.toContain('<script')
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    expect(text).not.toMatch(/NaN|undefined|\[object/)
    expect(
      readdirSync(join(folder, 'default')).filter((name) => name.endsWith('.unfinished')),
    ).toEqual([])
  })

  test('behavior: the same record gives the same bytes', () => {
    const [first, second] = ['same-1', 'same-2'].map((name) =>
      readFileSync(write(runs.integrityViolated(), name)),
    )
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true)
  })

  test('behavior: ids on the page are unique', () => {
    const text = readFileSync(write(runs.passed(), 'ids'), 'utf8')
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(ids.length).toBeGreaterThan(10)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('error: a folder that does not exist', () => {
    expect(() => writeOutputs(runs.passed(), join(folder, 'missing'))).toThrow(/ENOENT/)
  })
})

describe('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ ...Tool.chromium(), args: ARGS })
  }, 60_000)
  afterAll(() => browser.close())

  /** Opens a report and hands back what the browser complained about or asked for. */
  async function open(
    run: Run,
    options: { width: number; colorScheme: 'light' | 'dark'; name: string },
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const { width, colorScheme, name } = options
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const [complaints, requests]: [string[], string[]] = [[], []]
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('request', (request) => requests.push(request.url()))
    const url = pathToFileURL(write(run, name)).href
    await page.goto(url)
    return { page, complaints, requests: requests.filter((request) => request !== url) }
  }

  const CASES = Object.entries(runs).flatMap(([name, make]) =>
    [390, 1440].map((width) => ({ name, make, width })),
  )

  test.each(CASES)(
    'behavior: $name at $width px is quiet, complete and fits',
    { timeout: 30_000 },
    async ({ name, make, width }) => {
      const run = make()
      const options = { width, colorScheme: 'light', name: `${name}-${width}` } as const
      const { page, complaints, requests } = await open(run, options)
      expect(complaints).toEqual([])
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await page.locator('h1').isVisible()).toBe(true)
      const verdict = page.locator('.judgements .badge').first()
      expect(await verdict.textContent()).toBe(run.verdict.value)
      expect(await verdict.isVisible()).toBe(true)
      expect(await page.evaluate(CUT_TEXTS)).toEqual([])
      await page.close()
    },
  )

  test('behavior: hostile texts stay texts', { timeout: 30_000 }, async () => {
    const options = { width: 1440, colorScheme: 'light', name: 'attack' } as const
    const { page } = await open(runs.hostile(), options)
    expect(await page.locator('script, img, b, u, i, a[href^="javascript"]').count()).toBe(0)
    expect(await page.locator('.poll h3').textContent()).toContain(
      '<script>alert("ballot")</script>',
    )
    expect(await page.locator('style').count()).toBe(1)
    await page.close()
  })

  test.each(['light', 'dark'] as const)(
    'behavior: texts and lines stand out in %s',
    { timeout: 30_000 },
    async (colorScheme) => {
      const options = { width: 1440, colorScheme, name: `contrast-${colorScheme}` }
      const { page } = await open(runs.integrityViolated(), options)
      const style = await page.evaluate<Record<string, string>>(COLOURS)
      const paper = style['--paper'] ?? ''
      const faint = (names: readonly string[], least: number): string[] =>
        names.filter((name) => contrast(style[name] ?? '', paper) < least)
      expect(faint(['--ink', '--muted', '--pass', '--fail', '--unsure'], 4.5)).toEqual([])
      expect(faint(['--offered', '--acknowledged', '--included', '--final'], 3)).toEqual([])
      await page.close()
    },
  )

  test.each([
    { width: 390, shown: 'narrow' },
    { width: 1440, shown: 'wide' },
  ])(
    'behavior: at $width px charts are drawn $shown, with legible text',
    { timeout: 30_000 },
    async ({ width, shown }) => {
      const options = { width, colorScheme: 'light', name: `drawing-${width}` } as const
      const { page } = await open(runs.passed(), options)
      const drawings = page.locator(`.drawing .${shown}`)
      expect(await drawings.count()).toBe(5)
      for (const drawing of await drawings.all()) expect(await drawing.isVisible()).toBe(true)
      const heightPx = await page.evaluate<number>(LEAST_TEXT_HEIGHT)
      expect(heightPx).toBeGreaterThanOrEqual(11)
      await page.close()
    },
  )
})

/** Chart labels that stick out of their drawing, and would be cut off. */
const CUT_TEXTS = `[...document.querySelectorAll('.drawing svg')]
  .filter((svg) => svg.getBoundingClientRect().width > 0)
  .flatMap((svg) => {
    const frame = svg.getBoundingClientRect()
    return [...svg.querySelectorAll('text')].filter((text) => {
      const box = text.getBoundingClientRect()
      return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
    }).map((text) => text.textContent)
  })`

const LEAST_TEXT_HEIGHT = `Math.min(...[...document.querySelectorAll('.drawing svg text')]
  .map((text) => text.getBoundingClientRect().height).filter((height) => height > 0))`

const COLOURS = `(() => {
  const style = getComputedStyle(document.documentElement)
  const names = ['paper', 'ink', 'muted', 'pass', 'fail', 'unsure', 'offered', 'acknowledged', 'included', 'final']
  return Object.fromEntries(names.map((name) => ['--' + name, style.getPropertyValue('--' + name).trim()]))
})()`

/** Contrast of two colours of the form #rrggbb by WCAG 2. */
function contrast(a: string, b: string): number {
  const [brighter = 0, darker = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (brighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

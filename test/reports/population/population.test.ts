import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium, type Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { population } from '../../../scripts/commands/population.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import { UsageError } from '../../../scripts/UsageError.ts'
import { UnknownCityError } from '../../../scenarios/cities/cities.ts'
import { smallCity } from '../../scenarios/population/smallCity.ts'
import * as Tool from '../../helpers/tool.ts'

let folder: string
let file: string
let hostileFile: string
/** Each counts three electorates: once is enough for all tests. */
let small: Printed
let hostile: Printed
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-population-'))
  file = join(folder, 'small-city.json')
  writeFileSync(file, JSON.stringify(smallCity()))
  const city = { ...smallCity(), name: 'hostile', description: '<script>alert(1)</script>&"\'' }
  city.published = [{ fact: 'registered', value: 50_000, source: '<img src="x:y">' }]
  hostileFile = join(folder, 'hostile.json')
  writeFileSync(hostileFile, JSON.stringify(city))
  small = run(file)
  hostile = run(hostileFile)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  vi.restoreAllMocks()
})

type Printed = { code: number; text: string }

/** Runs the command and hands back what it printed. */
function run(city: string, json = false): Printed {
  let text = ''
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const code = population(city, { json, out: join(folder, 'out') })
  vi.restoreAllMocks()
  return { code, text }
}

describe('population', () => {
  test('default: a table and a page', () => {
    const { code, text } = small
    expect(code).toBe(ExitCode.PASS)
    expect(text).toContain('registered voters')
    expect(text).toContain('Every figure is as it should be.')
    expect(text.split('\n').every((line) => line.length <= 160)).toBe(true)
    const page = readFileSync(join(folder, 'out', 'small-city.html'), 'utf8')
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).not.toContain('<script')
    expect(page).not.toMatch(/NaN|undefined|\[object|Infinity/)
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('behavior: --json, and the same figures and bytes again', () => {
    const page = readFileSync(join(folder, 'out', 'small-city.html'), 'utf8')
    expect(JSON.parse(run(file, true).text)).toMatchObject({
      schema: 'ballotstorm/calibration/1',
      seeds: ['1', '2', '3'],
      problems: [],
    })
    expect(readFileSync(join(folder, 'out', 'small-city.html'), 'utf8')).toBe(page)
  })

  test('behavior: a figure that is off is named, and the exit code tells it', () => {
    const { code, text } = hostile
    expect(code).toBe(ExitCode.OBJECTIVE_MISSED)
    expect(text).toContain(
      'registered voters: counted 40000, 40000, 40000, not from 49000 to 51000.',
    )
  })

  test('error: all mistakes of the flags at once; a city that is not there', () => {
    const flags = { json: false, out: folder, seeds: ',', ballots: 'many' }
    let problems: readonly string[] = []
    try {
      population(file, flags)
    } catch (error) {
      if (error instanceof UsageError) problems = error.problems
    }
    expect(problems).toHaveLength(2)
    expect(() => population('atlantis', { json: false, out: folder })).toThrow(UnknownCityError)
  })
})

describe('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      ...Tool.chromium(),
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
  }, 60_000)
  afterAll(() => browser.close())

  test.each([
    ['small-city', 390],
    ['small-city', 1440],
    ['hostile', 390],
    ['hostile', 1440],
  ])(
    'behavior: %s at %i px is quiet, complete and fits',
    { timeout: 30_000 },
    async (name, width) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } })
      const [complaints, requests]: [string[], string[]] = [[], []]
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) => requests.push(request.url()))
      const url = pathToFileURL(join(folder, 'out', `${name}.html`)).href
      await page.goto(url)
      expect(complaints).toEqual([])
      expect(requests.filter((each) => each !== url && !each.startsWith('data:'))).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await page.locator('figure').count()).toBe(4)
      expect(await page.locator('script, img').count()).toBe(0)
      expect(await page.locator('.facts .badge.fail').count()).toBe(name === 'hostile' ? 1 : 0)
      await page.close()
    },
  )
})

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'vitest'

import type { Design } from '../../chain/designs/Design.ts'
import { cacheFolder } from '../../scripts/cacheFolder.ts'
import * as Cli from '../helpers/Cli.ts'
import { expectPass } from '../helpers/taken.ts'
import { keep } from './calls.ts'

const BREACHES = ['lost', 'duplicated', 'altered', 'unexpected', 'finalityBroken'] as const

/** Runs the smallest scenario under a design as a user would; every ballot must be final, as signed. */
export async function passesSmoke(design: Design): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'ballotstorm-home-'))
  try {
    await passesAtHome(design, home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function passesAtHome({ name, parts }: Design, home: string): Promise<void> {
  const words = ['run', 'smoke', '--design', name, '--duration', '5s', '--json']
  // The tools come from the cache that is there: they are not built for this.
  const cli = keep(Cli.start(words, { HOME: home, BALLOTSTORM_CACHE: cacheFolder() }))
  const end = await cli.end
  const run = cli.record()
  expectPass(run, end)
  expect(JSON.parse(end.stdout)).toEqual(JSON.parse(JSON.stringify(run)))
  expect(run.counts.planned).toBe(100)
  expect(run.counts.final).toBe(100)
  expect(BREACHES.map((kind) => run.counts[kind])).toEqual([0, 0, 0, 0, 0])
  const byLink = { 'voter and database': 0, 'database and chain': 0 }
  expect(run.findings).toEqual({ count: 0, listed: [], ...(parts.includes('api') && { byLink }) })
  const [poll] = run.polls
  expect(poll?.tally).toEqual(poll?.recount)
  expect(poll?.recount.reduce((sum, votes) => sum + votes, 0)).toBe(100)
  const html = readFileSync(join(Cli.runFolder(cli.outFolder), 'report.html'), 'utf8')
  expect(html).toContain('<svg')
  expect(readdirSync(home).filter((entry) => entry !== '.cache')).toEqual([])
}

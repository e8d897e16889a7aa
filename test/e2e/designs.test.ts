import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { designs } from '../../chain/designs/designs.ts'
import { cacheFolder } from '../../scripts/cacheFolder.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'
import { keep, storm } from './calls.ts'

const BREACHES = ['lost', 'duplicated', 'altered', 'unexpected', 'finalityBroken'] as const

describe('run smoke', { timeout: 240_000 }, () => {
  test.each(designs.map(({ name }) => name))('default: %s', async (design) => {
    const cli = storm('run', 'smoke', '--design', design, '--json')
    const { exitCode, stdout, stderr } = await cli.end
    expect(exitCode, stderr).toBe(ExitCode.PASS)
    const run = cli.record()
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(run)))
    expect(run.validity.value).toBe('VALID')
    expect(run.verdict.value).toBe('PASS')
    expect(run.counts.planned).toBe(200)
    expect(run.counts.final).toBe(200)
    expect(BREACHES.map((kind) => run.counts[kind])).toEqual([0, 0, 0, 0, 0])
    const [poll] = run.polls
    expect(poll?.tally).toEqual(poll?.recount)
    expect(poll?.recount.reduce((sum, votes) => sum + votes, 0)).toBe(200)
    const html = readFileSync(join(Cli.runFolder(cli.outFolder), 'report.html'), 'utf8')
    expect(html).toContain('<svg')
  })

  test('behavior: it leaves nothing in HOME but its cache', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ballotstorm-home-'))
    try {
      // The tools come from the cache that is there: they are not built for this.
      const cli = keep(
        Cli.start(['run', 'smoke', '--duration', '3s'], {
          HOME: home,
          BALLOTSTORM_CACHE: cacheFolder(),
        }),
      )
      const { exitCode, stderr } = await cli.end
      expect(exitCode, stderr).toBe(ExitCode.PASS)
      expect(readdirSync(home).filter((name) => name !== '.cache')).toEqual([])
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})

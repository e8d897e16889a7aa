import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import * as AttackReport from '../../scenarios/attacks/Report.ts'
import * as Cli from '../helpers/Cli.ts'
import { expectPass } from '../helpers/taken.ts'
import { storm } from './calls.ts'

describe('run smoke', { timeout: 240_000 }, () => {
  test('behavior: with faults in its relayer and a forger at its door, every ballot counts once', async () => {
    const faults = 'pause:relayer@500ms+1s,kill:relayer@2s+500ms'
    const cli = storm('run', 'smoke', '--duration', '4s', '--fault', faults, '--attack', 'forger')
    const end = await cli.end
    const run = cli.record()
    expectPass(run, end)
    expect(run.counts).toMatchObject({ planned: 80, final: 80, unexpected: 0 })
    const notes = run.notes.join('\n')
    expect(notes).toMatch(/relayer is paused 0\.5 s after the first instant, for 1\.\d s/)
    expect(notes).toMatch(/relayer is killed 2 s after the first instant, for /)
    expect(notes).toContain(
      'Attacked by forger, who casts ballots of voters with forged signatures.',
    )
    const file = join(Cli.runFolder(cli.outFolder), 'history/attack.json')
    const answers = AttackReport.read(file) ?? {}
    expect(answers['422'], readFileSync(file, 'utf8')).toBeGreaterThan(0)
    expect(answers['202']).toBeUndefined()
  })
})

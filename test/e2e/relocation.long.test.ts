import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import * as Cli from '../helpers/Cli.ts'
import { expectPass } from '../helpers/taken.ts'

let cli: Cli.Cli | undefined

afterEach(async () => {
  await cli?.dispose()
  expect(Cli.pidsOf(cli?.outFolder ?? ''), 'processes that outlive their run').toEqual([])
})

const SMALL = ['--network', 'anvil', '--voters', '9000', '--ballots', '300', '--compress', '5040']

describe('run relocation', { timeout: 240_000 }, () => {
  test('default: each of 40 buildings counts the ballots of its own residents', async () => {
    cli = Cli.start(['run', 'relocation', ...SMALL, '--json'])
    const end = await cli.end
    const run = cli.record()
    expectPass(run, end)
    expect(run.counts).toMatchObject({
      planned: 300,
      acknowledged: 300,
      final: 300,
      unexpected: 0,
      lost: 0,
    })
    expect(run.load.description).toContain('9,000 of its 2,000,000 voters')

    const folder = Cli.runFolder(cli.outFolder)
    const { polls } = Plan.read(join(folder, 'plan'))
    expect(polls).toHaveLength(40)
    expect(run.polls).toHaveLength(40)
    const votes = run.polls.map(({ recount }) => recount.reduce((sum, count) => sum + count, 0))
    expect(votes.reduce((sum, count) => sum + count, 0)).toBe(300)
    expect(run.polls.map(({ tally }) => tally)).toEqual(run.polls.map(({ recount }) => recount))
    const seen = [...casts(join(folder, 'observations.jsonl'))]
    expect(seen).toHaveLength(300)
    for (const [pollId = 0, voterIndex = 0] of seen) {
      expect(Poll.isOpenTo(polls[pollId - 1]?.slice, voterIndex)).toBe(true)
    }
  })
})

/**
 * The ballots that the witness saw.
 *
 * @yields poll, voter and more.
 */
function* casts(file: string): Generator<number[]> {
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { casts: ballots = [] }: { casts?: number[][] } = JSON.parse(line)
    for (const ballot of ballots) yield ballot
  }
}

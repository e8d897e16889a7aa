import { readFileSync } from 'node:fs'

import { Client } from 'pg'
import { describe, expect, test } from 'vitest'

import type { Observation } from '../../metrics/witness/Observation.ts'
import { rehearse, type UnderWay } from '../helpers/rehearse.ts'
import { until } from '../helpers/systemChild.ts'

/** Rows that the witness has read, in their order. */
function seen({ folder }: UnderWay): number[] {
  const lines = readFileSync(folder.observationsFile, 'utf8').split('\n').slice(0, -1)
  return lines
    .map((line): Observation => JSON.parse(line))
    .flatMap((line) =>
      line.kind === 'block' ? line.casts.map(([, voterIndex]) => voterIndex) : [],
    )
}

describe('run --design legacy', { timeout: 240_000 }, () => {
  test('behavior: rows that change or vanish once they are acknowledged are named', async () => {
    const victims = { altered: -1, removed: -1 }
    const tamper = async (underWay: UnderWay): Promise<void> => {
      await until('the witness runs', () => underWay.configOf('feeder') !== undefined, 90_000)
      await until('ballots are seen', () => seen(underWay).length >= 20, 90_000)
      const [altered = -1, removed = -1] = seen(underWay).slice(5)
      Object.assign(victims, { altered, removed })
      const client = new Client(String(underWay.configOf('api')?.['postgresUrl']))
      await client.connect()
      const change = 'update ballots set choice = (choice + 1) % 2 where voter_index = $1'
      await client.query(change, [altered])
      await client.query('delete from ballots where voter_index = $1', [removed])
      await client.end()
    }
    const { run } = await rehearse({ design: 'legacy', duration: '3s', meanwhile: tamper })
    const { altered, removed } = victims
    const named = run.findings.listed.map(
      ({ kind, voterIndex, brokenBetween = 'no link' }) =>
        `${kind} ${voterIndex}, ${brokenBetween}`,
    )
    expect(named.toSorted()).toEqual(
      [
        `altered ${altered}, voter and database`,
        `finalityBroken ${altered}, no link`,
        `finalityBroken ${removed}, no link`,
        `lost ${removed}, voter and database`,
      ].toSorted(),
    )
    expect(run.counts).toMatchObject({ altered: 1, lost: 1, finalityBroken: 2, reorganised: 2 })
    expect(run.witness).toBe('database')
    expect(run.verdict.value).toBe('FAIL')
    // The result that is published is that of the altered rows: only the voters' receipts tell.
    const [poll] = run.polls
    expect(poll?.tally).toEqual(poll?.recount)
  })
})

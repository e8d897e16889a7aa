import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import * as Run from '../../metrics/Run.ts'
import { charts } from '../../reports/charts/charts.ts'
import { page } from '../../reports/html/page.ts'
import * as Report from '../../reports/Report.ts'

describe('fromSchema1', () => {
  test.each(['relayed', 'legacy'])('default: a report is made of a run of %s', (design) => {
    const file = join(import.meta.dirname, '../fixtures/run-schema-1', `${design}.json`)
    const { counts: old } = JSON.parse(readFileSync(file, 'utf8'))
    const run = Run.read(file)
    expect(run.schema).toBe(Run.SCHEMA)
    expect(run.counts).toMatchObject({ acknowledged: old.ok, refused: old.fail, indeterminate: 0 })
    expect(run.network === null).toBe(design === 'legacy')
    expect(Object.keys(run.criteria)).toEqual([...Run.CRITERIA])
    const report = Report.from(run)
    expect(report.subject).toContain(design === 'legacy' ? 'no chain' : 'anvil')
    expect(page(report, charts(run))).toContain('<!doctype html>')
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import * as Comparison from '../../metrics/Comparison.ts'
import { page } from '../../reports/comparison/page.ts'

test('fromSchema1: a comparison of schema 1 is read, and its page made', () => {
  const file = join(import.meta.dirname, '../fixtures/comparison-schema-1/whole.json')
  const { entries: old } = JSON.parse(readFileSync(file, 'utf8'))
  const comparison = Comparison.read(file)
  expect(comparison.schema).toBe(Comparison.SCHEMA)
  for (const [index, { network, validators, plan, saturation }] of comparison.entries.entries()) {
    expect(network ?? 'none').toBe(old[index].network)
    expect(validators ?? 0).toBe(old[index].validators)
    expect(plan?.counts.acknowledged).toBe(old[index].plan.counts.ok)
    expect(saturation?.counts.acknowledged).toBe(old[index].saturation.counts.ok)
  }
  expect(page(comparison)).toContain('Designs side by side')
})

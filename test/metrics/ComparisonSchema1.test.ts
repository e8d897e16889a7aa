import { join } from 'node:path'

import { expect, test } from 'vitest'

import * as Comparison from '../../metrics/Comparison.ts'
import { page } from '../../reports/comparison/page.ts'
import * as comparisons from '../fixtures/comparisons.ts'

test('fromSchema1: a comparison of schema 1 is read as the same one of schema 2', () => {
  const file = join(import.meta.dirname, '../fixtures/comparison-schema-1/whole.json')
  const comparison = Comparison.read(file)
  expect(comparison).toEqual(comparisons.whole())
  expect(page(comparison)).toBe(page(comparisons.whole()))
})

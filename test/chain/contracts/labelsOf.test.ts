import { describe, expect, test } from 'vitest'

import { labelsOf } from '../../../chain/contracts/labelsOf.ts'

describe('labelsOf', () => {
  test('default', () => {
    expect(labelsOf('["Yes, all","No"]', 2)).toEqual(['Yes, all', 'No'])
  })

  test.each([
    ['lines', 'Yes, all\nNo; none', 2, ['Yes, all', 'No; none']],
    ['bars', 'Yes | No', 2, ['Yes', 'No']],
    ['semicolons', 'Yes, all; No', 2, ['Yes, all', 'No']],
    ['commas', 'Yes,No,Perhaps', 3, ['Yes', 'No', 'Perhaps']],
  ])('behavior: %s', (_, answers, count, labels) => {
    expect(labelsOf(answers, count)).toEqual(labels)
  })

  test.each([
    ['nothing', '', 2],
    ['too few', 'Yes;No', 3],
    ['too many', 'Yes,No,Perhaps', 2],
    ['an empty one', 'Yes;', 2],
    ['one that is too long', `Yes;${'x'.repeat(201)}`, 2],
    ['a list of something else', '[1,2,3]', 2],
    ['broken JSON', '["Yes"', 2],
  ])('behavior: numbers them where the texts have %s', (_, answers, count) => {
    const labels = Array.from({ length: count }, (_each, index) => `option ${index}`)
    expect(labelsOf(answers, count)).toEqual(labels)
  })
})

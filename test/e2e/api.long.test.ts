import { describe, expect, test } from 'vitest'

import { expectPass } from '../helpers/taken.ts'
import { stormApi } from './stormApi.ts'

describe('run --api', { timeout: 240_000 }, () => {
  test('default: an honest API of somebody else passes', async () => {
    const { run, taken, ...end } = await stormApi((ballot) => [ballot])
    expectPass(run, end)
    expect(taken).toHaveLength(run.counts.planned)
  })
})

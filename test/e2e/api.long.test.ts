import { describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import { stormApi } from './stormApi.ts'

describe('run --api', { timeout: 240_000 }, () => {
  test('default: an honest API of somebody else passes', async () => {
    const { exitCode, stderr, run, taken } = await stormApi((ballot) => [ballot])
    expect(exitCode, stderr).toBe(ExitCode.PASS)
    expect(run.counts.final).toBe(run.counts.planned)
    expect(taken).toHaveLength(run.counts.planned)
  })
})

import { describe, expect, test } from 'vitest'

import { survives } from './kills.ts'

describe('underFire', () => {
  test(
    'behavior: 24 kills of every part lose and double nothing',
    { timeout: 600_000 },
    async () => {
      const kills = { relayer: 5, 'relayer-2': 4, api: 6, postgres: 5, validator: 4 }
      await expect(survives(kills, 2000)).resolves.toBeUndefined()
    },
  )
})

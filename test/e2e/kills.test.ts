import { describe, expect, test } from 'vitest'

import { survives } from './kills.ts'

describe('underFire', () => {
  test(
    'behavior: 6 kills of every part lose and double nothing',
    { timeout: 900_000 },
    async () => {
      const kills = { relayer: 1, 'relayer-2': 1, api: 1, postgres: 2, validator: 1 }
      await expect(survives(kills, 500)).resolves.toBeUndefined()
    },
  )
})

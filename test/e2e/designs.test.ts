import { describe, expect, test } from 'vitest'

import { relayed } from '../../chain/designs/relayed.ts'
import { passesSmoke } from './designs.ts'

describe('run smoke', { timeout: 240_000 }, () => {
  test('default: relayed', async () => {
    await expect(passesSmoke(relayed)).resolves.toBeUndefined()
  })
})

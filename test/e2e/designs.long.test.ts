import { describe, expect, test } from 'vitest'

import { designs } from '../../chain/designs/designs.ts'
import { passesSmoke } from './designs.ts'

describe.concurrent('run smoke', { timeout: 240_000 }, () => {
  test.for(designs)('default: $name', async (design) => {
    await expect(passesSmoke(design)).resolves.toBeUndefined()
  })
})

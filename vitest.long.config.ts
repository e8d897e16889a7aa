import { defineConfig } from 'vitest/config'

import usual from './vitest.config.ts'

/** What takes minutes; each has a short form in `npm test`. */
export default defineConfig({
  test: { ...usual.test, include: ['test/**/*.long.test.ts'], exclude: [], maxWorkers: 1 },
})

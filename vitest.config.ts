import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The long forms of some: `npm run test:long`.
    exclude: ['test/**/*.long.test.ts'],
    // Real nodes, databases and browsers on two cores: a slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file starts processes of its own on free ports, and waits for blocks more than it computes.
    maxWorkers: 3,
    pool: 'forks',
    reporters: ['default'],
  },
})

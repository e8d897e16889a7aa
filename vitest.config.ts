import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Long forms have a command of their own, `npm run test:long`.
    projects: [
      {
        extends: true,
        test: {
          name: 'short',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
        },
      },
      { extends: true, test: { name: 'long', include: ['test/**/*.long.test.ts'] } },
    ],
    // Real nodes, databases and browsers on two cores: a slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file starts processes of its own on free ports, and waits for blocks more than it computes.
    maxWorkers: 3,
    // Of the tests of a file that say so; each may start a whole system.
    maxConcurrency: 2,
    pool: 'forks',
    reporters: ['default'],
  },
})

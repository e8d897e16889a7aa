import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real nodes, databases and browsers on two cores: a slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file starts processes of its own on free ports; more than two would measure the machine.
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default'],
  },
})

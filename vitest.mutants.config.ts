import { globSync, readFileSync } from 'node:fs'

import { defineConfig } from 'vitest/config'

/** Whoever imports one of these of `test/` starts nodes, databases or other processes. */
const STARTS_PROCESSES =
  /from '(?:\.\.?\/)+(?:helpers\/|contracts\/|database\/)*(?:anvil|api|artifacts|Careless|Chain|City|fuzz|Ground|postgres|rig|system\w*|Table|tool)\.ts'/

/** Of the rooms that judge. */
const ROOMS =
  'test/{metrics/{audit,blocks,books,contracts,ethereum,verdict,witness},scenarios/{load,schedule}}/**'

/** Those tests which are quick enough to be run for every mutant. */
const tests = globSync([
  `${ROOMS}/*.test.ts`,
  'test/chain/api/{Admission,GroupCommit}*.test.ts',
  'test/scripts/exitCodeOf*.test.ts',
])

export default defineConfig({
  test: {
    include: tests.filter((file) => !STARTS_PROCESSES.test(readFileSync(file, 'utf8'))),
    // These wait for what is dead, start threads, or try at random.
    exclude: [
      '**/*.long.test.ts',
      '**/*.fuzz.test.ts',
      '**/deadNodes.test.ts',
      '**/*Workers.test.ts',
    ],
    testTimeout: 30_000,
  },
})

/** What judges, and is therefore judged itself: each room by the tests of its own. */
export type Room = {
  name: string
  /** Globs of the files that are changed. */
  mutate: readonly string[]
  /** Globs of the tests. */
  tests: readonly string[]
  /** Whether each survivor is told by itself; else those of a file and kind together. */
  isListedWhole: boolean
}

export const ROOMS: readonly Room[] = [
  {
    name: 'verdict',
    mutate: ['metrics/verdict/**/*.ts', 'scripts/exitCodeOf.ts'],
    tests: ['test/metrics/verdict/*.test.ts'],
    isListedWhole: true,
  },
  {
    name: 'books',
    mutate: ['metrics/books/**/*.ts'],
    tests: ['test/metrics/books/*.test.ts'],
    isListedWhole: true,
  },
  {
    name: 'contracts',
    mutate: ['metrics/contracts/**/*.ts'],
    tests: ['test/metrics/contracts/*.test.ts'],
    isListedWhole: false,
  },
  {
    name: 'audit',
    mutate: ['metrics/audit/**/*.ts'],
    tests: ['test/metrics/audit/*.test.ts'],
    isListedWhole: false,
  },
  {
    name: 'witness',
    mutate: ['metrics/witness/*.ts', '!metrics/witness/main.ts'],
    tests: ['test/metrics/witness/*.test.ts'],
    isListedWhole: false,
  },
  {
    name: 'schedule',
    mutate: ['scenarios/schedule/**/*.ts'],
    tests: ['test/scenarios/schedule/*.test.ts'],
    isListedWhole: false,
  },
  {
    name: 'load',
    mutate: ['scenarios/load/**/*.ts', '!scenarios/load/k6/**', '!scenarios/load/**/main.ts'],
    tests: ['test/scenarios/load/**/*.test.ts'],
    isListedWhole: false,
  },
  {
    name: 'admission',
    mutate: ['chain/api/Admission.ts', 'chain/api/GroupCommit.ts'],
    tests: ['test/chain/api/{Admission,GroupCommit}*.test.ts'],
    isListedWhole: true,
  },
]

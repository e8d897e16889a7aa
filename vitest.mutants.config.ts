import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Whoever imports one of these of `test/` starts nodes, databases or other processes. */
const STARTS_PROCESSES =
  /from '(?:\.\.?\/)+(?:helpers\/|contracts\/|chain\/|database\/)*(?:anvil|api|artifacts|Careless|Chain|City|fuzz|Ground|postgres|rig|system\w*|Table|tool)\.ts'/

/** These start what the code itself reads; a second for each of the few mutants that they meet. */
const NEEDED = ['test/metrics/books/Stored.test.ts']

/** These wait for what is dead, start threads, or try at random. */
const SLOW = [
  '**/*.long.test.ts',
  '**/*.fuzz.test.ts',
  '**/deadNodes.test.ts',
  '**/*Workers.test.ts',
]

/** The tests of a room (`scripts/mutants.ts` names it) that are quick enough to be run for every mutant. */
const room = process.env['BALLOTSTORM_MUTANTS_TESTS']?.split(';') ?? ['test/**/*.test.ts']
const tests = globSync(room).filter(
  (file) => NEEDED.includes(file) || !STARTS_PROCESSES.test(readFileSync(file, 'utf8')),
)

/** The tests of the very file that was changed come first: most mutants end there. */
class OwnTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const changed = new Set(this.ctx.config.related?.map((file) => basename(file, '.ts')))
    const isOwn = ({ moduleId }: TestSpecification): boolean =>
      changed.has(basename(moduleId, '.test.ts'))
    return [...files.filter(isOwn), ...files.filter((file) => !isOwn(file))]
  }
}

export default defineConfig({
  test: {
    include: tests,
    exclude: SLOW,
    // Quick tests take a second at most; a mutant that hangs is found sooner so.
    testTimeout: 6000,
    sequence: { sequencer: OwnTestsFirst },
  },
})

import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a room's outcome can follow from; what is kept of the mutants themselves is left out. */
const FILES = [
  '*.{json,ts}',
  '{chain,metrics,reports,scenarios,scripts,test}/**/*.{json,mjs,sol,ts}',
]
const LEFT_OUT = 'test/fixtures/mutants/'

/** A digest of the sources in a folder, as hex: where it is the same, no mutant's fate is another. */
export function treeDigest(folder: string): string {
  const digest = createHash('sha256')
  const files = globSync(FILES, { cwd: folder }).filter((file) => !file.startsWith(LEFT_OUT))
  for (const file of files.toSorted()) {
    const content = readFileSync(join(folder, file))
    digest.update(`${file} ${content.length}\n`).update(content)
  }
  return digest.digest('hex')
}

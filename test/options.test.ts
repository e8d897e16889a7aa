import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { inserted } from '../scripts/optionTable.ts'

/** Padding of cells is the formatter's. */
function plain(markdown: string): string {
  return markdown.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
}

test('behavior: README.md tells all options; `npm run options` makes the table anew', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain('| `--voters <count>`')
  expect(plain(readme)).toBe(plain(inserted(readme)))
})

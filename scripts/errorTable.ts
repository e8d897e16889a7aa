import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `npm run errors`: writes the table of all errors into `ERRORS.md`; a test holds the file against it. */

const ROOT = join(import.meta.dirname, '..')

/** An error class as its source says it. */
export type Row = {
  code: string
  exitCode: number
  className: string
  file: string
  /** The sentence above the class; empty where there is none. */
  when: string
}

/** Errors that do not extend the base, by `file: class`. */
export type Stray = string

/** A class of an error, with the comment above it, its base and its body up to the constructor. */
const CLASS =
  /(?:\/\*\* (?<when>[^*]*?) \*\/\n)?(?:export )?class (?<name>\w+) extends (?<base>\w*Error) \{(?<body>[^}]*?)(?=\n {2}constructor|\n\})/g

/** The errors of a file's text. */
export function readErrors(file: string, text: string): { rows: Row[]; strays: Stray[] } {
  const rows: Row[] = []
  const strays: Stray[] = []
  for (const { groups = {} } of text.matchAll(CLASS)) {
    const { when = '', name: className = '', base, body = '' } = groups
    const code = /readonly code = '([A-Z0-9_]+)'/.exec(body)?.[1]
    const exitCode = Number(/readonly exitCode = (\d+)/.exec(body)?.[1])
    if (base !== 'BallotstormError' || code === undefined) strays.push(`${file}: ${className}`)
    else rows.push({ code, exitCode, className, file, when })
  }
  return { rows, strays }
}

/** The errors of all tracked sources outside of the tests. */
export function readAll(): { rows: Row[]; strays: Stray[] } {
  const folders = ['chain', 'metrics', 'scenarios', 'reports', 'scripts']
  const words = ['ls-files', '-z', ...folders.map((folder) => `${folder}/*.ts`)]
  const files = execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).split('\0')
  const found = files
    .filter((file) => file !== '' && !BASE.test(file))
    .map((file) => readErrors(file, readFileSync(join(ROOT, file), 'utf8')))
  return {
    rows: found
      .flatMap(({ rows }) => rows)
      .toSorted((one, other) => (one.code < other.code ? -1 : 1)),
    strays: found.flatMap(({ strays }) => strays),
  }
}

/** The base itself, and this file, which speaks of classes. */
const BASE = /BallotstormError\.ts$|errorTable\.ts$/

/** The document. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ code, exitCode, file, when }) => `| \`${code}\` | ${exitCode} | ${when} | \`${file}\` |`,
  )
  return [
    '# Errors',
    '',
    'Every error of the project, made by `npm run errors`. The message of each says the way out. What is thrown and',
    'stands not here is a bug, told with its stack, and ends with 1.',
    '',
    '| code | exit code | when | where |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(ROOT, 'ERRORS.md'), table(readAll().rows))

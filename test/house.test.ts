import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What only one machine may have: absolute paths of people, of installations and of scratch. */
const FOREIGN = /(?<=['"`\s=(:]|^)\/(?:tmp|root|home|work|opt|mnt|usr\/local)(?![\w-])[\w./-]*/g
const VARIABLE = /BALLOTSTORM_[A-Z0-9_]+/g

/** Foreign paths that stand for a reason, by file. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // What an empty machine's own scratch folder is called.
  '.ci/clean-room': ['/tmp'],
  // Says which folders are closed to other accounts; opens none.
  'chain/database/EmbeddedPostgres.ts': ['/root'],
}

/** Variables by which one of our processes tells another something: no user sets them. */
const INTERNAL = [
  'BALLOTSTORM_K6',
  'BALLOTSTORM_CONTRACTS',
  'BALLOTSTORM_FULL',
  'BALLOTSTORM_SHOTS',
  'BALLOTSTORM_MUTANTS_TESTS',
]

/** What a file names that the project does not bring. */
function strangers(file: string, text: string, listed: ReadonlySet<string>): string[] {
  const paths = [...text.matchAll(FOREIGN)].map(([path]) => path)
  const variables = [...text.matchAll(VARIABLE)].map(([name]) => name)
  return [
    ...paths.filter((path) => !(ALLOWED[file] ?? []).includes(path)),
    ...variables.filter((name) => !listed.has(name)),
  ].map((name) => `${file} names ${name}`)
}

/** Files that git knows, by patterns. */
function filesOf(...patterns: readonly string[]): string[] {
  const words = ['ls-files', '-z', ...patterns]
  const list = execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' })
  return list.split('\0').filter((file) => file !== '')
}

const KINDS = ['*.ts', '*.mjs', '*.json', '*.sh', '*.yml', '.ci', ':!package-lock.json']

describe('what the files name', () => {
  test('behavior: no path and no variable that the project does not bring', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const listed = new Set([...INTERNAL, ...(readme.match(VARIABLE) ?? [])])
    const found = filesOf(...KINDS, ':!test/house.test.ts').flatMap((file) =>
      strangers(file, readFileSync(join(ROOT, file), 'utf8'), listed),
    )
    expect(found).toEqual([])
  })

  test.each([
    [`const K6 = '/tmp/warm/bin/k6'`, '/tmp/warm/bin/k6'],
    ['export PATH=/usr/local/go/bin:$PATH', '/usr/local/go/bin'],
    ['cat /work/shared/style.md', '/work/shared/style.md'],
    ['PATH: `/opt/tool`', '/opt/tool'],
    ['{"home":"/home/me"}', '/home/me'],
    [`process.env['BALLOTSTORM_UNHEARD_OF']`, 'BALLOTSTORM_UNHEARD_OF'],
  ])('error: planted: %s', (text, name) => {
    expect(strangers('a.ts', text, new Set(['BALLOTSTORM_K6']))).toEqual([`a.ts names ${name}`])
  })

  test.each([
    [`join(tmpdir(), 'x')`],
    [`from '../tmp/x.ts'`],
    ['https://example.org/home/me'],
    [`route('/worker')`],
    ['BALLOTSTORM_K6=k6'],
  ])('behavior: in order: %s', (text) => {
    expect(strangers('a.ts', text, new Set(['BALLOTSTORM_K6']))).toEqual([])
  })
})

/** What tests stand on, and whole runs: these mirror no folder. */
const OF_TESTS = new Set(['contracts', 'e2e', 'fixtures', 'helpers'])

/** A start of a process that would outlive a test that is killed. */
const UNOWNED = /(?<![.\w])(?<!\bown\(\s*)spawn\(/

describe('tests', () => {
  test('behavior: their folders mirror the tree', () => {
    const folders = filesOf('test/*/*')
      .map((file) => dirname(file).slice('test/'.length))
      .filter((folder) => !OF_TESTS.has(folder.split('/')[0] ?? ''))
    const alone = new Set(folders.filter((folder) => !existsSync(join(ROOT, folder))))
    expect([...alone]).toEqual([])
  })

  test('behavior: what they start ends with them', () => {
    const files = filesOf('test/**/*.ts', ':!test/house.test.ts')
    const found = files.filter((file) => UNOWNED.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(found).toEqual([])
    expect(UNOWNED.test('const child = spawn(command)')).toBe(true)
    expect(UNOWNED.test('const child = own(\n  spawn(command),\n)')).toBe(false)
  })
})

/** A statement over the tables of the system under test. */
const STATEMENT =
  /\b(?:select\b[^;]*?\bfrom|insert\s+into|update|delete\s+from|truncate)\s+(?:polls|ballots|batches)\b/i

describe('the SQL of the system under test', () => {
  test('behavior: stands in chain/database alone', () => {
    const files = filesOf('chain/*.ts', 'scripts/*.ts', ':!chain/database')
    const found = files.filter((file) => STATEMENT.test(readFileSync(join(ROOT, file), 'utf8')))
    // The benchmarks fill tables with ballots that no API has taken.
    expect(found).toEqual(['scripts/bench/chain/Database.ts'])
  })

  test.each([
    'const text = `select count(*)\n from ballots`',
    "'update batches set state = 1'",
    'INSERT INTO polls',
  ])('behavior: %s would be found', (text) => {
    expect(STATEMENT.test(text)).toBe(true)
  })
})

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Where each folder has a row of its own. */
const HALLS = ['chain/', 'metrics/']

type Row = { room: string; mayImport: readonly string[] }
type Sources = ReadonlyMap<string, string>

/** The rooms, from the table whose first column is `folder` and whose last is `may import`. */
function readRows(document: string): Row[] {
  const from = document.indexOf('| folder')
  const table = document.slice(from, document.indexOf('\n\n', from))
  return table
    .split('\n')
    .slice(2)
    .map((line) => {
      const cells = line.split('|').slice(1, -1)
      const [room] = quoted(cells[0] ?? '')
      if (room === undefined) throw new Error(`no room: ${line}`)
      return { room, mayImport: quoted(cells.at(-1) ?? '') }
    })
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}

/** The nearest row above a file, or its own. */
function roomOf(file: string, rows: readonly Row[]): Row | undefined {
  const isAbove = ({ room }: Row): boolean =>
    room === './'
      ? !file.includes('/')
      : file === room || (room.endsWith('/') && file.startsWith(room))
  return rows.filter(isAbove).toSorted((left, right) => right.room.length - left.room.length)[0]
}

/** Static, type-only and dynamic imports. */
const IMPORT = /(?:\bfrom|\bimport\s*\(|^import)\s*'(\.{1,2}\/[^']+)'/gm
/** A thread's module is named by its address. */
const ADDRESS = /\bnew URL\(\s*'(\.{1,2}\/[^']+)'/g

/** The files of the project that a file names by the pattern. */
function targets(file: string, sources: Sources, pattern: RegExp): string[] {
  return [...(sources.get(file) ?? '').matchAll(pattern)]
    .map(([, path = '']) => posix.join(dirname(file), path))
    .filter((path) => sources.has(path))
}

/** Imports between rooms that the table does not allow, as `importer -> imported`. */
function breaches(sources: Sources, rows: readonly Row[]): string[] {
  return [...sources.keys()].flatMap((file) => {
    const named = [...targets(file, sources, IMPORT), ...targets(file, sources, ADDRESS)]
    const forbidden = named.filter((target) => !isAllowed(file, target, rows))
    return [...new Set(forbidden)].map((target) => `${file} -> ${target}`)
  })
}

function isAllowed(file: string, target: string, rows: readonly Row[]): boolean {
  const [from, to] = [roomOf(file, rows), roomOf(target, rows)]
  if (from === undefined || to === undefined || from === to) return from !== undefined
  if (from.mayImport.includes('everything')) return to.room !== 'test/'
  return from.mayImport.includes(to.room) || from.mayImport.includes(target)
}

/** Files that import themselves by way of others, those of one knot together. */
function circles(sources: Sources): string[] {
  const next = new Map([...sources.keys()].map((file) => [file, targets(file, sources, IMPORT)]))
  const reach = new Map([...sources.keys()].map((file) => [file, reachable(file, next)]))
  const knots = [...sources.keys()]
    .filter((file) => reach.get(file)?.has(file))
    .map((file) => [...(reach.get(file) ?? [])].filter((other) => reach.get(other)?.has(file)))
    .map((knot) => knot.toSorted().join(' <-> '))
  return [...new Set(knots)]
}

/** All that a file imports, also by way of others. */
function reachable(file: string, next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(next.get(file))
  for (const one of seen) for (const target of next.get(one) ?? []) seen.add(target)
  return seen
}

/** Folders without a row, and rows without a file. */
function misfits(sources: Sources, rows: readonly Row[]): string[] {
  const files = [...sources.keys()]
  const homeless = files.filter((file) => {
    const row = roomOf(file, rows)
    if (!HALLS.some((hall) => file.startsWith(hall))) return row === undefined
    return row?.room !== file && row?.room !== `${dirname(file)}/`
  })
  const empty = rows.filter((row) => !files.some((file) => roomOf(file, rows) === row))
  const unknown = rows.flatMap(({ room, mayImport }) =>
    mayImport
      .filter((one) => one !== 'everything')
      .filter((one) => !sources.has(one) && !rows.some((row) => row.room === one))
      .map((one) => `${room} names ${one}, which is no room and no file`),
  )
  return [
    ...homeless.map((file) => `${file} stands in no room`),
    ...empty.map(({ room }) => `${room} holds nothing`),
    ...unknown,
  ]
}

function tracked(): Sources {
  const list = execFileSync('git', ['ls-files', '-z', '*.ts'], { cwd: ROOT, encoding: 'utf8' })
  const files = list.split('\0').filter((file) => file !== '')
  return new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
}

describe('import law of this project', () => {
  const sources = tracked()
  const rows = readRows(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'))

  test('import law: no breach', () => {
    expect(breaches(sources, rows)).toEqual([])
  })

  test('import law: no circle', () => {
    expect(circles(sources)).toEqual([])
  })

  test('import law: a row for each folder, a folder for each row', () => {
    expect(misfits(sources, rows)).toEqual([])
  })
})

describe('import law on planted breaches', () => {
  const TABLE = `| folder | holds | may import |
| --- | --- | --- |
| \`chain/api/\` | the API | \`chain/pool/\`, \`metrics/Run.ts\` |
| \`chain/pool/\` | the pool, \`not/a/room/\` | – |
| \`metrics/Run.ts\` | the record | – |
| \`scripts/\` | all else | \`everything\` |
| \`test/\` | tests | \`everything\` |

`
  const rows = readRows(TABLE)
  const HOUSE: readonly (readonly [string, string])[] = [
    ['chain/api/a.ts', `import { b } from '../pool/b.ts'\nimport './own.ts'`],
    ['chain/api/own.ts', `import type { Run } from '../../metrics/Run.ts'`],
    ['chain/pool/b.ts', `import { join } from 'node:path'`],
    ['metrics/Run.ts', ''],
    ['scripts/run/main.ts', `import * as A from '../../chain/api/a.ts'`],
    ['test/a.test.ts', `import * as A from '../chain/api/a.ts'`],
  ]
  const house = (...planted: readonly (readonly [string, string])[]): Sources =>
    new Map([...HOUSE, ...planted])

  test('import law: a house in order', () => {
    expect([breaches(house(), rows), circles(house()), misfits(house(), rows)]).toEqual([
      [],
      [],
      [],
    ])
  })

  test.each([
    ['static', `import { a } from '../api/own.ts'`],
    ['of several lines', `import {\n  a,\n  b,\n} from '../api/own.ts'`],
    ['type-only', `import type { A } from '../api/own.ts'`],
    ['a re-export', `export { a } from '../api/own.ts'`],
    ['for its effect', `import '../api/own.ts'`],
    ['dynamic', `const a = await import('../api/own.ts')`],
    ['in a type', `type A = import('../api/own.ts').A`],
    ['a thread', `new URL('../api/own.ts', import.meta.url)`],
  ])('import law: a breach is found: %s', (_, text) => {
    const planted = house(['chain/pool/bad.ts', text])
    expect(breaches(planted, rows)).toEqual(['chain/pool/bad.ts -> chain/api/own.ts'])
  })

  test('import law: nobody imports a test', () => {
    const planted = house(['scripts/bad.ts', `import '../test/a.test.ts'`])
    expect(breaches(planted, rows)).toEqual(['scripts/bad.ts -> test/a.test.ts'])
  })

  test('import law: a circle is found, of types too', () => {
    const planted = house(
      ['chain/pool/c.ts', `import type { D } from './d.ts'`],
      ['chain/pool/d.ts', `import { c } from './c.ts'`],
    )
    expect(circles(planted)).toEqual(['chain/pool/c.ts <-> chain/pool/d.ts'])
  })

  test('import law: a folder without a row, a row without a folder, a name of neither', () => {
    expect(misfits(house(['chain/api/new/x.ts', '']), rows)).toEqual([
      'chain/api/new/x.ts stands in no room',
    ])
    const more = [...rows, { room: 'reports/', mayImport: ['attacks/'] }]
    expect(misfits(house(), more)).toEqual([
      'reports/ holds nothing',
      'reports/ names attacks/, which is no room and no file',
    ])
  })
})

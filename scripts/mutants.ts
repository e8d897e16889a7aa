import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type } from 'typebox'

import { readValid } from '../scenarios/runtime/readValid.ts'
import * as Report from './mutants/Report.ts'
import { ROOMS, type Room } from './mutants/rooms.ts'
import { treeDigest } from './mutants/treeDigest.ts'
import * as Bundles from './packages/Bundles.ts'
import { runNode } from './runNode.ts'

/**
 * `npm run mutants [-- ROOM…]`: changes what judges in thousands of small ways, and looks whether a
 * test finds each. Only what changed since the last run is tried again, and of an unchanged tree
 * nothing. Ends with 1 where a room is below nine tenths.
 */
async function main(words: readonly string[]): Promise<number> {
  const strange = words.filter((word) => ROOMS.every(({ name }) => name !== word))
  if (strange.length > 0) {
    const names = ROOMS.map(({ name }) => name).join(', ')
    process.stderr.write(`There is no room ${strange.join(', ')}. There are ${names}.\n`)
    return 1
  }
  const rooms = ROOMS.filter(({ name }) => words.length === 0 || words.includes(name))
  const failed: string[] = []
  const tree = treeDigest('.')
  for (const room of rooms) {
    const isKnown = readTrees()[room.name] === tree
    process.stderr.write(`\n${room.name}${isKnown ? ': unchanged since its last run' : ''}\n`)
    if (isKnown) continue
    if ((await tryAll(room)) === 0) writeTree(room, tree)
    else failed.push(room.name)
  }
  writeFileSync(SURVIVORS, survivorsOfAll())
  const scores = rooms.map((room) => ({ room, score: Report.score(readReport(room)) }))
  for (const { room, score } of scores) process.stdout.write(`${tell(room, score)}\n`)
  const isGood = scores.every(({ score }) => Report.shareOf(score) >= SHARE_MIN)
  return isGood && failed.length === 0 ? 0 : 1
}

const STRYKER = 'node_modules/@stryker-mutator/core/bin/stryker.js'
const FOLDER = 'test/fixtures/mutants'
const SURVIVORS = join(FOLDER, 'survivors.md')

/** Of a room's mutants, so many must be found. */
const SHARE_MIN = 0.9

/** A room by itself: what a module does as it is loaded is tried on all tests, and those are few then. */
async function tryAll({ name, mutate, tests }: Room): Promise<number> {
  const file = fileOf(name)
  const words = ['--mutate', mutate.join(','), '--incrementalFile', file]
  const environment = {
    BALLOTSTORM_MUTANTS_TESTS: tests.join(';'),
    // Each mutant begins a process of its own as good as anew.
    ...(await Bundles.environment()),
  }
  const exitCode = await runNode([STRYKER, 'run', ...words], environment)
  if (exitCode === 0) writeFileSync(file, Report.portable(readFileSync(file, 'utf8')))
  return exitCode
}

/** Of which tree each room's outcome is, by its name. */
const TREES = join(FOLDER, 'trees.json')

const TreesSchema = Type.Record(Type.String(), Type.String())

function readTrees(): Record<string, string> {
  return readValid(TreesSchema, TREES) ?? {}
}

function writeTree({ name }: Room, tree: string): void {
  const trees = { ...readTrees(), [name]: tree }
  writeFileSync(TREES, `${JSON.stringify(trees, undefined, 2)}\n`)
}

/** What is known of a room's mutants, and what the next run goes on from. */
function fileOf(name: string): string {
  return join(FOLDER, `${name}.json`)
}

function readReport({ name }: Room): Report.Report {
  return Report.read(readFileSync(fileOf(name), 'utf8'))
}

function survivorsOfAll(): string {
  const known = ROOMS.filter(({ name }) => existsSync(fileOf(name)))
  const sections = known.map((room) => {
    const lines = Report.survivors(readReport(room), room.isListedWhole)
    return `## ${room.name}\n\n${lines.map((line) => `- ${line}\n`).join('')}`
  })
  return ['# Mutants that no test finds\n\nWritten by `npm run mutants`.\n', ...sections].join('\n')
}

function tell({ name }: Room, score: Report.Score): string {
  const share = `${(Report.shareOf(score) * 100).toFixed(1)} %`
  return `${share.padStart(7)}  ${name} (${score.killed} of ${score.killed + score.survived})`
}

process.exitCode = await main(process.argv.slice(2))

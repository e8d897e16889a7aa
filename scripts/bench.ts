import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { explanationOf } from '../scenarios/runtime/BallotstormError.ts'
import * as Benchmark from './bench/Benchmark.ts'
import { benchmarks } from './bench/benchmarks.ts'
import * as Profile from './bench/chain/Profile.ts'
import { table } from './bench/table.ts'
import * as ExitCode from './ExitCode.ts'
import { exitCodeOfError } from './exitCodeOf.ts'
import * as Progress from './Progress.ts'

const USAGE = `npm run bench [-- --only <name>[,<name>]] [--json] [--write]
                 [--profile <folder>]

Measures what is promised, side by side with what it is held against. Exit codes: 0 all limits kept,
99 one missed, 122 one could not be judged because others used the machine.
--write puts the table into BENCHMARKS.md; it goes without --only. --profile leaves CPU profiles of
the running systems in a folder (go tool pprof -top, DevTools); the figures are then worth less.

${benchmarks.map(({ name, description }) => `  ${name.padEnd(24)} ${description}`).join('\n')}
`

const FILE = join(import.meta.dirname, '../BENCHMARKS.md')
const BEGIN = '<!-- npm run bench -- --write: begin -->'
const END = '<!-- end -->'

async function main(words: readonly string[]): Promise<number> {
  const flags = parse(words)
  if (flags === undefined) {
    process.stderr.write(USAGE)
    return ExitCode.BAD_CONFIGURATION
  }
  if (flags.help) {
    process.stdout.write(USAGE)
    return ExitCode.PASS
  }
  const chosen = benchmarks.filter(
    ({ name }) => flags.only.length === 0 || flags.only.includes(name),
  )
  const results = await measure(chosen, flags.profile)
  process.stdout.write(flags.json ? `${JSON.stringify(results)}\n` : `${table(results)}\n`)
  if (flags.write) write(results)
  if (results.some(({ verdict }) => verdict === 'FAIL')) return ExitCode.OBJECTIVE_MISSED
  const isOpen = results.some(({ verdict }) => verdict === 'inconclusive')
  return isOpen ? ExitCode.INCONCLUSIVE : ExitCode.PASS
}

async function measure(
  chosen: readonly Benchmark.Benchmark[],
  profileFolder: string,
): Promise<Benchmark.Result[]> {
  const progress = Progress.create(process.stderr, () => performance.now())
  const results: Benchmark.Result[] = []
  for (const benchmark of chosen) {
    progress.step(benchmark.name)
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-bench-'))
    try {
      const profile =
        profileFolder === '' ? Profile.NONE : Profile.into(join(profileFolder, benchmark.name))
      results.push(await Benchmark.run(benchmark, folder, profile))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  progress.done()
  return results
}

/** Replaces the table of BENCHMARKS.md; the words around it stay. */
function write(results: readonly Benchmark.Result[]): void {
  const text = readFileSync(FILE, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${FILE} has lost its marks.`)
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  const date = new Date().toISOString().slice(0, 10)
  const section = `${date}, Node ${process.version}, ${processor}: \`npm run bench -- --write\`\n\n${table(results)}`
  writeFileSync(FILE, `${before}${BEGIN}\n\n${section}\n\n${END}${after}`)
}

function parse(
  words: readonly string[],
): { only: string[]; json: boolean; write: boolean; help: boolean; profile: string } | undefined {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        only: { type: 'string', default: '' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        profile: { type: 'string', default: '' },
        help: { type: 'boolean', default: false },
      },
    })
    const only = values.only.split(',').filter((name) => name !== '')
    const names = benchmarks.map(({ name }) => name)
    // The table of the file is whole or not at all.
    if (values.write && only.length > 0) return undefined
    if (!only.every((name) => names.includes(name))) return undefined
    return { ...values, only, profile: values.profile && resolve(values.profile) }
  } catch {
    return undefined
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${explanationOf(error)}\n`)
  return exitCodeOfError(error)
})

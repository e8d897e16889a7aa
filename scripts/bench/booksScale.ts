import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as EmbeddedPostgres from '../../chain/database/EmbeddedPostgres.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import { show, watch, type Benchmark } from './Benchmark.ts'
import * as Fixture from './books/Fixture.ts'

const FEW = 1_000_000
const MANY = 2_000_000
const CITY = 12_000_000
const TEN_MINUTES_MS = 600_000

/** Where others have a tenth of the machine, a miss says nothing of the books. */
const TAKEN_SHARE_MAX = 0.1

/** Thirty times what the greater number takes on a quiet machine. */
const TIMEOUT_MS = 3_600_000

/** History, chain and database of a city, projected from two sizes that show the growth. */
export const booksScale: Benchmark = {
  name: 'books-scale',
  description: `balancing the books of ${CITY.toLocaleString('en')} ballots (history, chain, database), by ${FEW.toLocaleString('en')} and ${MANY.toLocaleString('en')}, in units of ten minutes`,
  limit: { kind: 'most', value: 1, unit: 'times' },
  async measure(folder) {
    const server = await startPostgres(join(folder, 'postgres'))
    try {
      const taken = watch()
      const few = await balance(folder, server.url, FEW)
      const many = await balance(folder, server.url, MANY)
      const { stealShare, foreignShare } = taken()
      const cityMs = (many.tookMs * CITY) / MANY
      const [fewUs, manyUs] = [few.cpuUs / FEW, many.cpuUs / MANY]
      const bytes = (many.peakBytes - few.peakBytes) / (MANY - FEW)
      return {
        rounds: [cityMs / TEN_MINUTES_MS],
        details: `${(cityMs / 60_000).toFixed(1)} min, ${((manyUs * CITY) / 60e6).toFixed(1)} CPU-minutes; a ballot takes ${fewUs.toFixed(1)} and ${manyUs.toFixed(1)} µs of CPU (growth ${(manyUs / fewUs).toFixed(2)}) and ${Math.round(bytes)} bytes; ${show(many.peakBytes / 1e6)} MB at ${show(MANY)}`,
        isSpoilt: stealShare + foreignShare > TAKEN_SHARE_MAX,
      }
    } finally {
      await server.stop()
    }
  },
}

const TakenSchema = Type.Object({
  tookMs: Type.Number(),
  cpuUs: Type.Number(),
  peakBytes: Type.Number(),
  counts: Type.Object({
    acknowledged: Type.Integer(),
    final: Type.Integer(),
    lost: Type.Integer(),
  }),
  found: Type.Integer(),
  problems: Type.Array(Type.String()),
})

type Taken = Static<typeof TakenSchema>

async function balance(folder: string, postgresUrl: string, count: number): Promise<Taken> {
  const own = join(folder, String(count))
  const options = { ...Fixture.write(own, count), database: { postgresUrl } }
  await Fixture.fill(postgresUrl, count)
  const file = join(own, 'options.json')
  writeFileSync(file, JSON.stringify(options))
  const script = fileURLToPath(new URL('./books/reconcileOnce.ts', import.meta.url))
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [script, file], { timeout: TIMEOUT_MS })
  rmSync(own, { recursive: true })
  const taken = Value.Parse(TakenSchema, JSON.parse(stdout))
  const { acknowledged, final, lost } = taken.counts
  const isRight =
    acknowledged === count && lost === count / Fixture.LOST_EVERY && final === count - lost
  if (!isRight || taken.found !== lost || taken.problems.length > 0) {
    throw new Error(`The books of the benchmark are wrong: ${stdout}`)
  }
  return taken
}

/** A server that is stopped with the benchmark; its folder goes with the benchmark's. */
async function startPostgres(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await EmbeddedPostgres.initialise({ folder, port: await freePort() })
  const child = spawn(server.command, server.args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  await EmbeddedPostgres.ready(server.url)
  return {
    url: server.url,
    async stop() {
      child.kill(server.stopSignal)
      await exited
    },
  }
}

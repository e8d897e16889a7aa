import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { Counter, Registry } from 'prom-client'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { freePort } from '../../../chain/processes/freePort.ts'
import { areTargetsScraped } from '../../../metrics/series/areTargetsScraped.ts'
import { compareCounters, compareRates } from '../../../metrics/series/compareCounters.ts'
import * as PrometheusApi from '../../../metrics/series/PrometheusApi.ts'
import * as PrometheusCommand from '../../../metrics/series/prometheusCommand.ts'
import { prometheusConfig } from '../../../metrics/series/prometheusConfig.ts'
import { COUNTERS, QUERIES } from '../../../metrics/series/queries.ts'
import { queryCounters, queryPrometheus } from '../../../metrics/series/queryPrometheus.ts'
import type { Series } from '../../../metrics/series/Series.ts'
import { findTool, tool } from '../../helpers/tool.ts'
import { own } from '../../helpers/own.ts'

const root = resolve(import.meta.dirname, '../../..')
const rulesFile = fileURLToPath(PrometheusCommand.RULES_FILE_URL)

const NamesSchema = Type.Object({ data: Type.Array(Type.String()) })

const DashboardSchema = Type.Object({
  panels: Type.Array(Type.Object({ targets: Type.Array(Type.Object({ expr: Type.String() })) })),
})

/** How long the storm of this test lasts, and how many ballots a second its witness sees final. */
const STORM_MS = 10_000
const RATE = 50

let folder: string
let prometheus: ChildProcess
let witness: Server
let api: PrometheusApi.PrometheusApi
let startAtMs: number
let untilMs: number
let finalCount: number
let attemptCount: number

beforeAll(async () => {
  const [{ path, version }, k6] = [await findTool('prometheus'), await tool('k6')]
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-prometheus-'))
  const final = startWitness()
  await once(witness, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const { port: witnessPort } = witness.address() as AddressInfo
  const port = await freePort()
  api = { url: `http://127.0.0.1:${port}` }
  const configFile = join(folder, 'prometheus.yml')
  const targets = [{ job: 'witness', target: `127.0.0.1:${witnessPort}`, path: '/metrics' }]
  writeFileSync(configFile, prometheusConfig({ targets, ruleFiles: [rulesFile] }))
  const { command, args } = PrometheusCommand.prometheusCommand({
    prometheusBinary: path,
    version,
    configFile,
    dataFolder: join(folder, 'data'),
    port,
  })
  prometheus = own(spawn(command, args, { stdio: 'ignore', detached: true }))
  await ready()
  const storm = fireK6(k6)
  startAtMs = Date.now()
  finalCount = await storm.during(() => final(startAtMs))
  await sleep(2500)
  untilMs = Date.now()
  attemptCount = storm.attempts()
}, 900_000)

afterAll(async () => {
  witness.closeAllConnections()
  witness.close()
  prometheus.kill('SIGKILL')
  await once(prometheus, 'exit')
  rmSync(folder, { recursive: true, force: true })
})

async function ready(): Promise<void> {
  const deadlineMs = Date.now() + 60_000
  while (Date.now() < deadlineMs) {
    try {
      const { ok } = await fetch(`${api.url}${PrometheusCommand.READY_PATH}`)
      if (ok && (await areTargetsScraped(api, 1, Date.now()))) return
    } catch {
      // Not listening yet.
    }
    await sleep(100)
  }
  throw new Error('Prometheus is not ready after 60 s.')
}

/** A process that is scraped: counts final ballots at a steady rate while the storm lasts. */
function startWitness(): (fromMs: number) => number {
  const registry = new Registry()
  const counter = new Counter({
    name: 'ballotstorm_witness_ballots_final_total',
    help: 'Ballots final by the rule.',
    registers: [registry],
  })
  witness = createServer((_, response) => {
    // Prometheus 3 refuses an answer that does not name its form.
    response.setHeader('content-type', registry.contentType)
    void registry.metrics().then((text) => response.end(text))
  }).listen(0, '127.0.0.1')
  let counted = 0
  return (fromMs) => {
    const due = Math.floor((Math.min(STORM_MS, Date.now() - fromMs) / 1000) * RATE)
    counter.inc(due - counted)
    counted = due
    return counted
  }
}

/** The storm script's own metrics, moved by a script that knows how often. */
function fireK6(binary: string): {
  during: (tick: () => number) => Promise<number>
  attempts: () => number
} {
  const script = join(folder, 'storm.js')
  writeFileSync(
    script,
    `import * as Metrics from '${join(root, 'scenarios/load/k6/Metrics.ts')}'
    import { sleep } from 'k6'
    export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '${STORM_MS}ms' } } }
    export default function () {
      Metrics.attempts.add(1, { status: '202' })
      Metrics.answered.add(1, { outcome: 'acknowledged' })
      Metrics.ackDuration.add(40)
      Metrics.lateDuration.add(1)
      sleep(0.02)
    }
    export function handleSummary({ metrics }) {
      return { '${join(folder, 'summary.json')}': String(metrics.ballots_attempts.values.count) }
    }`,
  )
  const words = ['--quiet', '--no-usage-report', '--out', 'experimental-prometheus-rw']
  const env = {
    HOME: folder,
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_PROMETHEUS_RW_SERVER_URL: `${api.url}${PrometheusCommand.REMOTE_WRITE_PATH}`,
    K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
    K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
  }
  const child = own(
    spawn(binary, ['run', ...words, script], { stdio: 'ignore', env, detached: true }),
  )
  return {
    async during(tick) {
      const timer = setInterval(tick, 20)
      await once(child, 'exit')
      clearInterval(timer)
      return tick()
    },
    attempts: () => Number(readFileSync(join(folder, 'summary.json'), 'utf8')),
  }
}

describe('queryCounters', () => {
  test('default: the last values are exactly those that were counted', async () => {
    const counters = await queryCounters(api, { startAtMs, untilMs })
    expect(finalCount).toBe((STORM_MS / 1000) * RATE)
    expect(attemptCount).toBeGreaterThan(100)
    const history = {
      attempts: attemptCount,
      acknowledged: attemptCount,
      refused: 0,
      indeterminate: 0,
      final: finalCount,
    }
    expect(counters).toEqual(history)
    expect(compareCounters(counters, history).deviationMax).toBe(0)
  })
})

describe('queryPrometheus', () => {
  test('default: rates agree with what happened within 2 %', async () => {
    const selector = COUNTERS.final
    const query = {
      name: 'ballots_final',
      unit: 'ballots/s',
      selector,
      arrival: 'scraped',
    } as const
    const [final] = await queryPrometheus({ api, queries: [query], startAtMs, untilMs })
    const history: Series = {
      name: 'ballots_final',
      unit: 'ballots/s',
      source: 'harness',
      points: Array.from({ length: STORM_MS / 1000 }, (_, second) => [second, RATE]),
    }
    if (final === undefined) throw new Error('There is no series of final ballots.')
    expect(final.source).toBe('prometheus')
    // A scrape a second sees where a storm ends to a quarter of one: 2.5 % of this short storm.
    const window = { fromS: 1, untilS: STORM_MS / 1000 - 1 }
    expect(compareRates(final, history, window)).toBeLessThan(0.02)
  })

  test('behavior: acknowledged ballots come from k6', async () => {
    const all = await queryPrometheus({ api, queries: QUERIES, startAtMs, untilMs })
    const acknowledged = all.find(({ name }) => name === 'ballots_acknowledged')?.points ?? []
    const sum = acknowledged.reduce((total, [, value]) => total + (value ?? 0), 0)
    expect(Math.abs(sum - attemptCount)).toBeLessThan(0.02 * attemptCount)
  })

  test('behavior: what nobody measured is left out', async () => {
    const queries = [{ name: 'x', unit: '', selector: 'nobody_total', arrival: 'pushed' }] as const
    expect(await queryPrometheus({ api, queries, startAtMs, untilMs })).toEqual([])
  })

  test('error: nobody listens', async () => {
    const nobody = { url: `http://127.0.0.1:${await freePort()}` }
    const asked = queryPrometheus({ api: nobody, queries: QUERIES, startAtMs, untilMs })
    await expect(asked).rejects.toMatchObject({ code: 'PROMETHEUS_UNREACHABLE' })
  })

  test('error: what listens never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
    const { port } = silent.address() as AddressInfo
    const asked = PrometheusApi.readNumber(
      { url: `http://127.0.0.1:${port}`, timeoutMs: 200 },
      'up',
      untilMs,
    )
    await expect(asked).rejects.toMatchObject({ code: 'PROMETHEUS_UNREACHABLE' })
    silent.closeAllConnections()
    silent.close()
  })

  test('error: a query that does not parse', async () => {
    const asked = PrometheusApi.readNumber(api, 'sum(', untilMs)
    await expect(asked).rejects.toMatchObject({ code: 'PROMETHEUS_QUERY_REFUSED' })
  })
})

describe('dashboard', () => {
  test('default: every panel asks what Prometheus understands', async () => {
    const expressions = dashboardExpressions()
    expect(expressions.length).toBeGreaterThan(25)
    for (const expression of expressions) {
      await expect(PrometheusApi.readNumber(api, expression, untilMs)).resolves.not.toBeNaN()
    }
  })
})

describe('names', () => {
  test('behavior: what is asked for is what the parts and k6 really tell', async () => {
    const told = new Set([...(await namesOfK6()), ...namesInSources(), 'process_cpu_seconds_total'])
    const asked = [readFileSync(rulesFile, 'utf8'), ...dashboardExpressions(), ...queryTexts()]
    const names = asked
      .join('\n')
      .match(
        /\b(?:k6|ballotstorm_(?:api|witness|relayer|feeder|resender|probe)|process)_[a-z0-9_]+/g,
      )
    expect(new Set(names).size).toBeGreaterThan(20)
    const unknown = [...new Set(names)].filter(
      (name) => !told.has(name) && !told.has(name.replace(/_(?:bucket|sum|count)$/, '')),
    )
    expect(unknown).toEqual([])
  })

  test('behavior: dashboards use only rules that exist', () => {
    const rules = readFileSync(rulesFile, 'utf8')
    const used =
      dashboardExpressions()
        .join('\n')
        .match(/ballotstorm:[a-z0-9_:]+/g) ?? []
    expect(used.length).toBeGreaterThan(4)
    expect(used.filter((name) => !rules.includes(`record: ${name}\n`))).toEqual([])
  })
})

async function namesOfK6(): Promise<string[]> {
  const response = await fetch(`${api.url}/api/v1/label/__name__/values`)
  const { data } = Value.Parse(NamesSchema, await response.json())
  // The script above gives no ballot that fails, so the label is what differs, not the name.
  return data.filter((name) => name.startsWith('k6_'))
}

function namesInSources(): string[] {
  const files = globSync('{chain,metrics,scenarios/load}/**/Metrics.ts', { cwd: root })
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  return text.match(/\bballotstorm_(?:api|witness|relayer|feeder|resender|probe)_[a-z0-9_]+/g) ?? []
}

function queryTexts(): string[] {
  return [...QUERIES.map(({ selector }) => selector), ...Object.values(COUNTERS)]
}

function dashboardExpressions(): string[] {
  const file = join(root, 'metrics/series/dashboards/ballotstorm.json')
  const { panels } = Value.Parse(DashboardSchema, JSON.parse(readFileSync(file, 'utf8')))
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
}

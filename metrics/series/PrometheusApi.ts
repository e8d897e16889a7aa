import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/** Seconds since 1970, and a number as text. */
const Sample = Type.Tuple([Type.Number(), Type.String()])

const Labels = Type.Record(Type.String(), Type.String())

/** What an instant query of a vector gives; a histogram has no `value`. */
const Vector = Type.Object({
  resultType: Type.Literal('vector'),
  result: Type.Array(Type.Object({ metric: Labels, value: Type.Optional(Sample) })),
})

/** What a range query, or an instant query of a range selector, gives. */
const Matrix = Type.Object({
  resultType: Type.Literal('matrix'),
  result: Type.Array(Type.Object({ metric: Labels, values: Type.Optional(Type.Array(Sample)) })),
})

/** The HTTP API of one Prometheus server. */
export type PrometheusApi = {
  /** Base URL, for example `http://127.0.0.1:9090`. */
  url: string
  /** Each query is given up after this. @default 10,000 */
  timeoutMs?: number | undefined
}

/** The samples of one time series, each at its own instant in Unix ms. */
export type Samples = { labels: Record<string, string>; samples: [atMs: number, value: number][] }

const TIMEOUT_MS = 10_000

/**
 * The value of an expression at one instant; the sum where it gives several, 0 where it gives none.
 *
 * @throws {UnreachableError} {@link RefusedError}
 */
export async function readNumber(api: PrometheusApi, query: string, atMs: number): Promise<number> {
  const parameters = { query, time: String(atMs / 1000) }
  const { result } = await ask(api, 'query', parameters, Vector)
  return result.reduce((sum, { value }) => sum + (value === undefined ? 0 : Number(value[1])), 0)
}

/**
 * The samples of a selector as they came, not aligned to any step.
 *
 * @throws {UnreachableError} {@link RefusedError}
 */
export async function readSamples(
  api: PrometheusApi,
  selector: string,
  window: { fromMs: number; untilMs: number },
): Promise<Samples[]> {
  const lengthMs = Math.max(1, Math.ceil(window.untilMs - window.fromMs))
  const parameters = { query: `${selector}[${lengthMs}ms]`, time: String(window.untilMs / 1000) }
  return toSamples(await ask(api, 'query', parameters, Matrix))
}

function toSamples({ result }: Static<typeof Matrix>): Samples[] {
  return result.map(({ metric, values = [] }) => ({
    labels: metric,
    samples: values.map(([seconds, value]) => [seconds * 1000, Number(value)]),
  }))
}

async function ask<Schema extends TSchema>(
  { url, timeoutMs = TIMEOUT_MS }: PrometheusApi,
  endpoint: 'query' | 'query_range',
  parameters: Readonly<Record<string, string>>,
  schema: Schema,
): Promise<Static<Schema>> {
  const answer = await post(`${url}/api/v1/${endpoint}`, parameters, timeoutMs)
  const data: unknown = isRecord(answer) ? answer['data'] : undefined
  if (isRecord(answer) && answer['status'] === 'success' && Value.Check(schema, data)) return data
  const reason =
    isRecord(answer) && typeof answer['error'] === 'string'
      ? answer['error']
      : 'the answer has another form than a query gives'
  throw new RefusedError(url, parameters['query'] ?? '', reason)
}

async function post(
  url: string,
  parameters: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(parameters),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return await response.json()
  } catch (error) {
    throw new UnreachableError(url, error)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Nobody answered in time, or what answered is no Prometheus. */
export class UnreachableError extends BallotstormError {
  override readonly name = 'PrometheusApi.UnreachableError'
  readonly code = 'PROMETHEUS_UNREACHABLE'
  readonly exitCode = 107
  readonly remedy = 'See the log of Prometheus in the run folder.'
  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`Prometheus did not answer at ${url} (${reason}).`, {
      cause,
    })
  }
}

/** Prometheus answered, and not with what was asked for. */
export class RefusedError extends BallotstormError {
  override readonly name = 'PrometheusApi.RefusedError'
  readonly code = 'PROMETHEUS_QUERY_REFUSED'
  readonly exitCode = 107
  readonly remedy = 'See the log of Prometheus in the run folder.'
  constructor(url: string, query: string, reason: string) {
    super(`Prometheus at ${url} refused the query "${query}": ${reason}.`)
  }
}

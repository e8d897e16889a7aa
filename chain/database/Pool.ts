import {
  DatabaseError,
  Pool as PgPool,
  type ClientBase,
  type QueryConfig,
  type QueryResultRow,
} from 'pg'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/** How long is waited for a database that says nothing (SIGSTOP, a lost network), in milliseconds. */
export type Limits = {
  /** A server that accepts no connection within this time counts as unreachable. */
  connectMs: number
  /** The server gives up a statement after this long: it then stored nothing. */
  statementMs: number
  /** We give up waiting: a little later than the server. */
  answerMs: number
}

/** Of a service: a voter waits. */
export const SERVICE_LIMITS: Limits = { connectMs: 1000, statementMs: 3000, answerMs: 4000 }

/** Of set-up and measurement, for which no voter waits: a machine at its limit is no failure. */
export const PATIENT_LIMITS: Limits = { connectMs: 15_000, statementMs: 30_000, answerMs: 31_000 }

/** Connections to one database; see {@link create}. */
export type Pool = PgPool

/** What a statement can be run on. */
export type Queryable = ClientBase | Pool

export type Options = {
  url: string
  /** Connections at most. */
  connectionsMax: number
  /** Shown in `pg_stat_activity`. */
  name: string
}

/**
 * A bounded pool of connections in which nothing waits for ever. It connects when first used.
 *
 * @param limits - @default SERVICE_LIMITS
 */
export function create(options: Options, limits: Limits = SERVICE_LIMITS): Pool {
  const pool = new PgPool({
    connectionString: options.url,
    application_name: options.name,
    max: options.connectionsMax,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    query_timeout: limits.answerMs,
    keepAlive: true,
  })
  // A connection that breaks, idle or at work, is replaced at its next use; whoever waits for an
  // answer on it hears of it there. Without listeners it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Does some work for which no voter waits, on one connection of its own, which is closed afterwards. */
export async function use<Result>(
  { url, name }: Pick<Options, 'url' | 'name'>,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = create({ url, name, connectionsMax: 1 }, PATIENT_LIMITS)
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/**
 * Asks for nothing.
 *
 * @throws the driver's error where the database gives no answer.
 */
export async function ping(pool: Pool): Promise<void> {
  await pool.query('select')
}

/**
 * Runs a statement that only reads.
 *
 * @throws {UnreachableError} where the database gives no answer.
 * @throws the driver's error where it has none for these values: a bound that a schema lacks.
 */
export async function read<Row extends QueryResultRow>(
  pool: Pool,
  query: QueryConfig,
): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>(query)
    return rows
  } catch (cause) {
    if (isDataException(cause)) throw cause
    throw new UnreachableError(cause)
  }
}

/** The server answers: it can do nothing with these values (SQLSTATE class 22), now or later. */
function isDataException(cause: unknown): boolean {
  return cause instanceof DatabaseError && cause.code?.startsWith('22') === true
}

/** The database gave no answer to a query. */
export class UnreachableError extends BallotstormError {
  override readonly name = 'Pool.UnreachableError'
  readonly code = 'DATABASE_UNREACHABLE'
  readonly exitCode = 107
  readonly remedy = 'Check that PostgreSQL runs at the configured URL.'
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    super(`PostgreSQL gave no answer${detail}.`, {
      cause,
    })
  }
}

import { Pool as PgPool, type ClientBase, type QueryConfig, type QueryResultRow } from 'pg'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/** A server that accepts no connection within this time counts as unreachable. */
const CONNECT_TIMEOUT_MS = 1000

/** The server gives up a statement after this long: it then stored nothing. */
const STATEMENT_TIMEOUT_MS = 3000

/**
 * We give up waiting after this long, a little later than the server: a server that stands still
 * (SIGSTOP, a lost network) says nothing at all.
 */
const ANSWER_TIMEOUT_MS = 4000

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

/** A bounded pool of connections in which nothing waits for ever. It connects when first used. */
export function create(options: Options): Pool {
  const pool = new PgPool({
    connectionString: options.url,
    application_name: options.name,
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  })
  // A connection that breaks, idle or at work, is replaced at its next use; whoever waits for an
  // answer on it hears of it there. Without listeners it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Does some work on one connection of its own, which is closed afterwards. */
export async function use<Result>(
  { url, name }: Pick<Options, 'url' | 'name'>,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = create({ url, name, connectionsMax: 1 })
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
 */
export async function read<Row extends QueryResultRow>(
  pool: Pool,
  query: QueryConfig,
): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>(query)
    return rows
  } catch (cause) {
    throw new UnreachableError(cause)
  }
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

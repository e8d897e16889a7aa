import pg from 'pg'

/** A server that accepts no connection within this time counts as unreachable. */
const CONNECT_TIMEOUT_MS = 1000

/** The server gives up a statement after this long: it then stored nothing. */
const STATEMENT_TIMEOUT_MS = 3000

/**
 * We give up waiting after this long, a little later than the server: a server that stands still
 * (SIGSTOP, a lost network) says nothing at all.
 */
const ANSWER_TIMEOUT_MS = 4000

export type Options = {
  url: string
  /** Connections at most. */
  connectionsMax: number
  /** Shown in `pg_stat_activity`. */
  name: string
}

/** A bounded pool of connections in which nothing waits for ever. It connects when first used. */
export function create(options: Options): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced at its next use; without a listener it would end us.
  pool.on('error', () => undefined)
  return pool
}

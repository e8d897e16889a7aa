import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import * as Batches from '../database/Batches.ts'
import * as Journal from './Journal.ts'

/**
 * A connection to PostgreSQL that holds the instance's lock. All of the journal goes over this one
 * connection: whoever lost the lock has lost the journal with it, so two processes of one instance
 * never both sign.
 */
export type Session = {
  journal: Journal.Journal
  close(): Promise<void>
}

export type Options = {
  postgresUrl: string
  instance: string
  leaseMs: number
  signal: AbortSignal
  /** Told once when another process of this instance is at work. */
  onStandby: () => void
}

/** A server that accepts no connection within this time counts as down. */
const CONNECT_TIMEOUT_MS = 2000

/** The server gives a statement up after this long; 10,000 ballots take it some 0.3 s. */
const STATEMENT_TIMEOUT_MS = 5000

/** We give a server up that stands still a little later than it gives up itself. */
const ANSWER_TIMEOUT_MS = 6000

/**
 * Each statement looks up some thousand rows among millions, by index. A planner that knows neither
 * number would read whole tables, or compile what runs for milliseconds.
 */
const PLANNER = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']

/** How often a standby asks for the lock. */
const STANDBY_INTERVAL_MS = 250

/** Sets our advisory locks apart from those of others in the same database; any number would do. */
const LOCK_CLASS = 0x62_61_6c_6c

/**
 * Connects and waits for the instance's lock, for as long as another process has it.
 *
 * @throws the driver's error where the server cannot be reached or goes away.
 */
export async function open(options: Options): Promise<Session> {
  const client = new Client({
    connectionString: options.postgresUrl,
    application_name: `relayer ${options.instance}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    options: PLANNER.map((name) => `-c ${name}=off`).join(' '),
  })
  // A connection that breaks while idle fails the next query; without a listener it would end us.
  client.on('error', () => undefined)
  try {
    await client.connect()
    for (let told = false; !(await tryLock(client, options.instance)); told = true) {
      if (!told) options.onStandby()
      await sleep(STANDBY_INTERVAL_MS, undefined, { signal: options.signal })
    }
    return { journal: Journal.over(client, options), close: () => end(client) }
  } catch (error) {
    await end(client)
    throw error
  }
}

async function tryLock(client: Client, instance: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(Batches.TRY_LOCK, [LOCK_CLASS, instance])
  return rows[0]?.locked === true
}

/** Leaves without waiting for a server that stands still. */
async function end(client: Client): Promise<void> {
  await Promise.race([
    client.end().catch(() => undefined),
    sleep(CONNECT_TIMEOUT_MS, undefined, { ref: false }),
  ])
}

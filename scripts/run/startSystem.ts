import { join } from 'node:path'

import * as Durability from '../../chain/database/Durability.ts'
import * as EmbeddedPostgres from '../../chain/database/EmbeddedPostgres.ts'
import * as Migrations from '../../chain/database/Migrations.ts'
import * as Pool from '../../chain/database/Pool.ts'
import type { Deployer, Deployment } from '../../chain/contracts/deploy.ts'
import type { Network } from '../../chain/networks/Network.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import type { ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import type { Workshop } from './Workshop.ts'

/** The database of a run, and what decides whether its commits last. */
export type Database = {
  url: string
  version: string
  settings: Durability.Settings
  storage: Durability.Storage | undefined
}

/** The system under test beside the network: what the voters talk to. */
export type System = {
  /** Base URLs of the voting API (`relayed`), or JSON-RPC URLs of nodes (`direct`). */
  targets: string[]
  database: Database | undefined
  /** Address that must have signed every receipt; undefined where the design has none. */
  receiptSigner: string | undefined
  scrapeTargets: ScrapeTarget[]
}

/** Where the parts find each other. */
export type Site = {
  network: Network
  deployment: Deployment
  deployer: Deployer
  registerFile: string
  seed: string
}

/**
 * Starts the parts that the design names, each ready before the next.
 *
 * @throws what the part says that did not become ready, with the tail of its log.
 */
export async function startSystem(workshop: Workshop, site: Site): Promise<System> {
  const { design } = workshop.options
  if (design.path === 'direct') {
    const { rpcUrls } = site.network
    return { targets: rpcUrls, database: undefined, receiptSigner: undefined, scrapeTargets: [] }
  }
  const database = await startDatabase(workshop)
  await Migrations.apply(database.url)
  const receiptKey = Electorate.rolePrivateKey(workshop.options.seed, 'receipts')
  const { chainId, ballotBox } = site.deployment
  const api = await workshop.startOwn('api', 'chain/api/main.ts', {
    host: '127.0.0.1',
    port: 0,
    postgresUrl: database.url,
    receiptKeyFile: workshop.writeKey('receipts', receiptKey),
    chainId,
    ballotBox,
    registerFile: site.registerFile,
    rpcUrl: site.network.observerUrl,
    blockTimeMs: site.network.blockTimeMs,
  })
  await assertReady(api)
  const relayer = await workshop.startOwn('relayer', 'chain/relayer/main.ts', {
    instance: 'relayer-0',
    postgresUrl: database.url,
    keyFile: workshop.writeKey('relayer', relayerKey(site)),
    rpcUrls: site.network.rpcUrls,
    chainId,
    ballotBox,
    finality: site.network.finality,
    gasPriceWei: Number(site.deployer.gasPriceWei),
    blockTimeMs: site.network.blockTimeMs,
  })
  return {
    targets: [api],
    database,
    receiptSigner: Address.toHex(Address.fromPrivateKey(receiptKey)),
    scrapeTargets: [
      { job: 'api', target: new URL(api).host, path: '/metrics' },
      { job: 'relayer', target: new URL(relayer).host, path: '/metrics' },
    ],
  }
}

/**
 * The API listens before it is fit to take ballots; only it can tell whether its commits last.
 *
 * @throws {NotReadyError} with the API's own reasons.
 */
async function assertReady(apiUrl: string): Promise<void> {
  const response = await fetch(`${apiUrl}/readyz`, {
    signal: AbortSignal.timeout(READY_TIMEOUT_MS),
  })
  if (!response.ok) throw new NotReadyError(await response.text())
}

const READY_TIMEOUT_MS = 10_000

/**
 * The key of the relayer's own account. Where gas has a price it is the funded one, the deployer's:
 * that account has sent its last transaction, to open the polls, before the first ballot flies.
 */
function relayerKey({ deployer, seed }: Site): Uint8Array {
  return deployer.gasPriceWei > 0n ? deployer.key : Electorate.rolePrivateKey(seed, 'relayer')
}

/** A cluster is new, so there is no log to replay. */
const DATABASE_READY_TIMEOUT_MS = 30_000

async function startDatabase(workshop: Workshop): Promise<Database> {
  const { postgresUrl } = workshop.options
  if (postgresUrl !== undefined) {
    await EmbeddedPostgres.ready(postgresUrl)
    return { url: postgresUrl, ...(await look(postgresUrl)), storage: undefined }
  }
  const folder = join(workshop.folder.dataFolder, 'postgres')
  const server = await EmbeddedPostgres.initialise({ folder, port: await freePort() })
  await workshop.supervisor.start({
    name: 'postgres',
    command: server.command,
    args: server.args,
    stopSignal: server.stopSignal,
    ready: () => EmbeddedPostgres.ready(server.url),
    readyTimeoutMs: DATABASE_READY_TIMEOUT_MS,
  })
  const storage = await Durability.measureStorage(folder, () => performance.now())
  return { url: server.url, ...(await look(server.url)), storage }
}

/** What the server says of itself over a connection like those that commit ballots. */
async function look(url: string): Promise<Pick<Database, 'version' | 'settings'>> {
  const pool = Pool.create({ url, connectionsMax: 1, name: 'harness' })
  try {
    const settings = await Durability.readSettings(pool)
    const [row] = await Pool.read<{ version: string }>(pool, {
      text: "select current_setting('server_version') as version",
    })
    return { version: row?.version ?? 'unknown', settings }
  } finally {
    await pool.end()
  }
}

export class NotReadyError extends Error {
  override readonly name = 'startSystem.NotReadyError'
  readonly code = 'API_NOT_READY'
  constructor(reasons: string) {
    super(`The voting API will not take ballots: ${reasons}`)
  }
}

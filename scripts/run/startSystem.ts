import { join } from 'node:path'

import * as Durability from '../../chain/database/Durability.ts'
import * as EmbeddedPostgres from '../../chain/database/EmbeddedPostgres.ts'
import * as Migrations from '../../chain/database/Migrations.ts'
import * as Pool from '../../chain/database/Pool.ts'
import { createReadOnlyAccount } from '../../chain/database/readOnlyAccount.ts'
import { insertPolls } from '../../chain/database/insertPolls.ts'
import type { PollOnChain } from '../../chain/contracts/deploy.ts'
import type { Network } from '../../chain/networks/Network.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import type { ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import type { Installation } from './contracts/Installation.ts'
import * as ForeignApi from './ForeignApi.ts'
import type { Workshop } from './Workshop.ts'

/** The database of a run, and what decides whether its commits last. */
export type Database = {
  url: string
  /** The same with an account that can only read, for those who check. */
  readOnlyUrl: string
  version: string
  settings: Durability.Settings
  storage: Durability.Storage | undefined
}

/** The system under test beside the network: what the voters talk to. */
export type System = {
  /** Base URLs of the voting API (`relayed`), or JSON-RPC URLs of nodes (`direct`). */
  targets: string[]
  /** `direct`: nodes where a voter tries again whom the targets have failed. */
  standbyTargets: string[]
  database: Database | undefined
  /** Address that must have signed every receipt; undefined where the design has none. */
  receiptSigner: string | undefined
  scrapeTargets: ScrapeTarget[]
  /** Tells whoever takes ballots which polls there are, once they stand; resolves when they know. */
  announcePolls(polls: readonly PollOnChain[]): Promise<void>
  /** How long that may take, in ms: the storm must not begin before. */
  announcementMs: number
}

/** Where the parts find each other. */
export type Site = {
  /** Undefined where the design has no chain. */
  network: Network | undefined
  installation: Installation
  /** Wei per gas; 0 on the private networks. */
  gasPriceWei: bigint
  registerFile: string
}

/**
 * Starts the parts that the design names, each ready before the next.
 *
 * @throws what the part says that did not become ready, with the tail of its log.
 */
export async function startSystem(workshop: Workshop, site: Site): Promise<System> {
  const { design, foreignApi } = workshop.options
  if (design.path === 'direct') return nodesAlone(site)
  return foreignApi === undefined
    ? startOwnSystem(workshop, site)
    : meet(workshop, site, foreignApi)
}

/** `direct`: the voters talk to the nodes, and the polls stand on the chain. */
function nodesAlone({ network }: Site): System {
  const { voterUrls = [], rpcUrls = [] } = network ?? {}
  return {
    targets: voterUrls,
    standbyTargets: rpcUrls.filter((url) => !voterUrls.includes(url)),
    database: undefined,
    receiptSigner: undefined,
    scrapeTargets: [],
    announcePolls: () => Promise.resolve(),
    announcementMs: 0,
  }
}

/** An API that the user runs, with whatever stands behind it. */
async function meet(
  workshop: Workshop,
  { network, installation, registerFile }: Site,
  { url, receiptSigner }: { url: string; receiptSigner: string },
): Promise<System> {
  const target = await ForeignApi.gate(url, workshop.options.allowTargetsFile)
  const { chainId, verifyingContract, carriage } = installation
  const introduced = await ForeignApi.introduce(workshop, target, {
    rpcUrls: network?.rpcUrls ?? [],
    chainId,
    verifyingContract,
    registerFile,
    carrierKeyFile: carriage && workshop.writeKey('carrier', carriage.key),
    polls: undefined,
  })
  return {
    targets: [target],
    standbyTargets: [],
    database: undefined,
    receiptSigner,
    scrapeTargets: [],
    announcePolls: (polls) => introduced.announcePolls(polls),
    announcementMs: ForeignApi.POLLS_TIMEOUT_MS,
  }
}

async function startOwnSystem(workshop: Workshop, site: Site): Promise<System> {
  const { network, installation } = site
  const database = await startDatabase(workshop)
  const receiptKey = Electorate.rolePrivateKey(workshop.options.seed, 'receipts')
  const api = await startApi(workshop, site, { database, receiptKey })
  const scrapeTargets = [scrape('api', api)]
  if (installation.carriage !== undefined && network !== undefined) {
    const relayer = await workshop.startOwn('relayer', 'chain/relayer/main.ts', {
      instance: 'relayer-0',
      postgresUrl: database.url,
      keyFile: workshop.writeKey('relayer', installation.carriage.key),
      rpcUrls: network.rpcUrls,
      chainId: installation.chainId,
      carrier: installation.carriage.carrier,
      registerFile: site.registerFile,
      finality: network.finality,
      gasPriceWei: Number(site.gasPriceWei),
      blockTimeMs: network.blockTimeMs,
    })
    scrapeTargets.push(scrape('relayer', relayer))
  }
  return {
    targets: [api],
    standbyTargets: [],
    database,
    receiptSigner: Address.toHex(Address.fromPrivateKey(receiptKey)),
    scrapeTargets,
    announcePolls: (polls) => tellDatabase(database, polls),
    announcementMs: 0,
  }
}

async function startApi(
  workshop: Workshop,
  { network, installation, registerFile }: Site,
  { database, receiptKey }: { database: Database; receiptKey: Buffer },
): Promise<string> {
  const { design } = workshop.options
  const api = await workshop.startOwn('api', 'chain/api/main.ts', {
    host: '127.0.0.1',
    port: 0,
    postgresUrl: database.url,
    receiptKeyFile: workshop.writeKey('receipts', receiptKey),
    chainId: installation.chainId,
    verifyingContract: installation.verifyingContract,
    registerFile,
    record: design.record,
    ...(network !== undefined && { rpcUrl: network.observerUrl, blockTimeMs: network.blockTimeMs }),
    hasRelayer: installation.carriage !== undefined,
    givesProofs: design.contracts === 'anchored',
  })
  await assertReady(api)
  return api
}

function scrape(job: string, url: string): ScrapeTarget {
  return { job, target: new URL(url).host, path: '/metrics' }
}

async function tellDatabase(database: Database, polls: readonly PollOnChain[]): Promise<void> {
  const pool = Pool.create({ url: database.url, connectionsMax: 1, name: 'harness' })
  try {
    await insertPolls(
      pool,
      polls.map((poll) => ({
        ...poll,
        pollDigest: Buffer.from(poll.pollDigest.slice(2), 'hex'),
      })),
    )
  } finally {
    await pool.end()
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

/** A cluster is new, so there is no log to replay. */
const DATABASE_READY_TIMEOUT_MS = 30_000

async function startDatabase(workshop: Workshop): Promise<Database> {
  const { postgresUrl } = workshop.options
  if (postgresUrl !== undefined) {
    await EmbeddedPostgres.ready(postgresUrl)
    return prepare(workshop, postgresUrl, undefined)
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
  return prepare(workshop, server.url, storage)
}

/** Brings the schema up to date, and makes the account of those who check. */
async function prepare(
  { options }: Workshop,
  url: string,
  storage: Durability.Storage | undefined,
): Promise<Database> {
  await Migrations.apply(url)
  const readOnlyUrl = await createReadOnlyAccount(url, {
    name: 'ballotstorm_reader',
    password: Electorate.rolePrivateKey(options.seed, 'reader').toString('hex'),
  })
  return { url, readOnlyUrl, ...(await look(url)), storage }
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

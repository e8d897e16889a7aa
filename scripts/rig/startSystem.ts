import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Pool from '../../chain/database/Pool.ts'
import * as Polls from '../../chain/database/Polls.ts'
import type { PollOnChain } from '../../chain/contracts/deploy.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Part from '../../chain/processes/Part.ts'
import { startPart, type Serving } from '../../chain/processes/startPart.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { scrapeTarget, type ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import { UsageError } from '../UsageError.ts'
import type { Deployment } from './deployment/Deployment.ts'
import * as ExternalApi from './ExternalApi.ts'
import type { Host } from './Host.ts'
import * as Parts from './parts.ts'
import type { RigOptions } from './RigOptions.ts'
import { startDatabase, type Database } from './startDatabase.ts'
import type { NetworkStage } from './startNetwork.ts'

/** The system under test beside the network: what the voters talk to. */
export type System = {
  /** Base URLs of the voting API, or JSON-RPC URLs of nodes where the design has no API. */
  targets: string[]
  /** Nodes where a voter tries again whom the targets have failed. */
  standbyTargets: string[]
  database: Database | undefined
  /** Address that must have signed every receipt; undefined where the design has none. */
  receiptSigner: string | undefined
  scrapeTargets: ScrapeTarget[]
  /** Its processes; empty where it is not ours. */
  parts: Part.Part[]
  /** Tells whoever takes ballots which polls there are, once they stand; resolves when they know. */
  announcePolls(polls: readonly PollOnChain[]): Promise<void>
  /** How long that may take, in ms: the storm must not begin before. */
  announcementMs: number
  /** Ends its processes and removes its data; another one can be started on the same host. */
  stop(): Promise<void>
}

/** What the system stands on. */
export type Site = {
  options: RigOptions
  /** Undefined where the design has no chain. */
  stage: NetworkStage | undefined
  deployment: Deployment
  registerFile: string
}

/**
 * Starts the parts that the design names, each ready before the next.
 *
 * @throws what the part says that did not become ready, with the tail of its log.
 */
export async function startSystem(host: Host, site: Site): Promise<System> {
  const { design, externalApi } = site.options
  if (!design.parts.includes('api')) return nodesAlone(site)
  return externalApi === undefined
    ? startOwnSystem(host, site)
    : connectExternalApi(host, site, externalApi)
}

/** The voters talk to the nodes, and the polls stand on the chain. */
function nodesAlone({ stage }: Site): System {
  const { voterUrls = [], rpcUrls = [] } = stage?.network ?? {}
  return {
    targets: voterUrls,
    standbyTargets: rpcUrls.filter((url) => !voterUrls.includes(url)),
    database: undefined,
    receiptSigner: undefined,
    scrapeTargets: [],
    parts: [],
    announcePolls: () => Promise.resolve(),
    announcementMs: 0,
    stop: () => Promise.resolve(),
  }
}

/** An API that the user runs, with whatever stands behind it. */
async function connectExternalApi(
  host: Host,
  { options, stage, deployment, registerFile }: Site,
  { url, receiptSigner }: { url: string; receiptSigner: string },
): Promise<System> {
  const target = await ExternalApi.gate(url, options.allowTargetsFile)
  const { chainId, verifyingContract, submission } = deployment
  const connection = await ExternalApi.connect(host, target, {
    rpcUrls: stage?.network.rpcUrls ?? [],
    chainId,
    verifyingContract,
    registerFile,
    submitterKeyFile: submission && host.writeKey('submitter', submission.key(1)),
    polls: undefined,
  })
  return {
    targets: [target],
    standbyTargets: [],
    database: undefined,
    receiptSigner,
    scrapeTargets: [],
    parts: [],
    announcePolls: (polls) => connection.announcePolls(polls),
    announcementMs: ExternalApi.POLLS_TIMEOUT_MS,
    stop: () => Promise.resolve(),
  }
}

async function startOwnSystem(host: Host, site: Site): Promise<System> {
  const { seed, apiReplicas } = site.options
  const database = await startDatabase(host, site.options)
  const receiptKey = Electorate.rolePrivateKey(seed, 'receipts')
  const receiptKeyFile = host.writeKey('receipts', receiptKey)
  const apis: Serving[] = []
  for (let number = 1; number <= apiReplicas; number += 1) {
    apis.push(await startApi(host, site, { postgresUrl: database.url, receiptKeyFile, number }))
  }
  const relayers = await startRelayers(host, site, database.url)
  const own = [...apis, ...relayers]
  const parts = [...(database.part === undefined ? [] : [database.part]), ...own.map(partOf)]
  return {
    targets: apis.map(({ url }) => url),
    standbyTargets: [],
    database,
    receiptSigner: Address.toHex(Address.fromPrivateKey(receiptKey)),
    scrapeTargets: own.map(({ part, url }) => scrapeTarget(part.role, url)),
    parts,
    announcePolls: (polls) => tellDatabase(database.url, polls),
    announcementMs: 0,
    async stop() {
      for (const part of parts.toReversed()) await part.stop()
      rmSync(join(host.dataFolder, 'postgres'), { recursive: true, force: true })
    },
  }
}

function partOf({ part }: Serving): Part.Part {
  return part
}

/** All voters of a generator come from one address. */
const CONNECTIONS_MAX = 65_535

/** One process of the API; all of them share database and receipt key. */
async function startApi(
  host: Host,
  { options, stage, deployment, registerFile }: Site,
  { number, ...own }: { postgresUrl: string; receiptKeyFile: string; number: number },
): Promise<Serving> {
  const { design } = options
  const network = stage?.network
  const config = {
    ...own,
    port: await freePort(),
    chainId: deployment.chainId,
    verifyingContract: deployment.verifyingContract,
    registerFile,
    record: design.record,
    ...(network !== undefined && { rpcUrl: network.observerUrl, blockTimeMs: network.blockTimeMs }),
    hasRelayer: deployment.submission !== undefined,
    givesProofs: design.contracts === 'anchored',
    connectionsPerAddressMax: CONNECTIONS_MAX,
  }
  const api = await startPart(host, Parts.api, config, number)
  await assertReady(api.url)
  return api
}

async function startRelayers(
  host: Host,
  { options, stage, deployment, registerFile }: Site,
  postgresUrl: string,
): Promise<Serving[]> {
  const { submission, chainId } = deployment
  if (submission === undefined || stage === undefined) return []
  const { relayers: count, batchSize, design } = options
  if (count > submission.relayersMax) {
    throw new UsageError([
      `--relayers: the contract of --design ${design.name} obeys one account here, so that ${count} relayers cannot share the work: take 1.`,
    ])
  }
  const { network, gasPriceWei } = stage
  const relayers: Serving[] = []
  for (let number = 1; number <= count; number += 1) {
    const instance = Part.nameOf('relayer', number)
    const config = {
      instance,
      postgresUrl,
      keyFile: host.writeKey(instance, submission.key(number)),
      rpcUrls: network.rpcUrls,
      chainId,
      submitter: submission.submitter,
      registerFile,
      finality: network.finality,
      gasPriceWei: Number(gasPriceWei),
      blockTimeMs: network.blockTimeMs,
      ...(batchSize !== undefined && { batchBallotsMax: batchSize }),
      port: await freePort(),
    }
    relayers.push(await startPart(host, Parts.relayer, config, number))
  }
  return relayers
}

function tellDatabase(url: string, polls: readonly PollOnChain[]): Promise<void> {
  const rows = polls.map((poll) => ({
    ...poll,
    pollDigest: Buffer.from(poll.pollDigest.slice(2), 'hex'),
  }))
  return Pool.use({ url, name: 'harness' }, (pool) => Polls.insert(pool, rows))
}

/**
 * The API listens before it is fit to take ballots; only it can tell whether its commits last. It is
 * asked again where it is not fit: it waits a second for its database, which a busy machine may not
 * keep.
 *
 * @throws {NotReadyError} with the API's own reasons.
 */
async function assertReady(apiUrl: string, attemptsLeft = READY_ATTEMPTS_MAX - 1): Promise<void> {
  const response = await fetch(`${apiUrl}/readyz`, {
    signal: AbortSignal.timeout(READY_TIMEOUT_MS),
  })
  if (response.ok) return
  const reasons = await response.text()
  if (attemptsLeft === 0) throw new NotReadyError(reasons)
  await sleep(READY_PAUSE_MS)
  await assertReady(apiUrl, attemptsLeft - 1)
}

const READY_TIMEOUT_MS = 10_000
const READY_ATTEMPTS_MAX = 4
const READY_PAUSE_MS = 500

/** The voting API listens and says that it is not fit to take ballots. */
export class NotReadyError extends BallotstormError {
  override readonly name = 'startSystem.NotReadyError'
  readonly code = 'API_NOT_READY'
  readonly exitCode = 107
  readonly remedy = 'Mend what the API names, and see its log.'
  constructor(reasons: string) {
    super(`The voting API will not take ballots: ${reasons}`)
  }
}

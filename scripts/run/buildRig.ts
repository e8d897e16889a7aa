import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Deploy from '../../chain/contracts/deploy.ts'
import type { Network } from '../../chain/networks/Network.ts'
import type { ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import { makePlan } from '../../scenarios/load/makePlan.ts'
import * as Plan from '../../scenarios/load/Plan.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Crowd from '../../scenarios/storms/Crowd.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import * as Contracts from '../contracts.ts'
import type { ResolvedTools } from './resolveTools.ts'
import { startNetwork } from './startNetwork.ts'
import { startPrometheus, type Prometheus } from './startPrometheus.ts'
import { startSystem, type System } from './startSystem.ts'
import type { Workshop } from './Workshop.ts'

/** Everything that stands before the first ballot flies. */
export type Rig = {
  network: Network
  deployer: Deploy.Deployer
  deployment: Deploy.Deployment
  plan: Plan.Plan
  /** The load as one sentence. */
  load: string
  system: System
  feederUrl: string
  prometheus: Prometheus | undefined
  tools: ResolvedTools
}

/**
 * Builds the rig, each part ready before the next: network, register and contracts, ballots,
 * system under test, observers, feeder.
 */
export async function buildRig(
  workshop: Workshop,
  storm: Storm.Storm,
  tools: ResolvedTools,
): Promise<Rig> {
  const { options, folder, progress } = workshop
  progress.step('contracts')
  await Contracts.compile()
  const { network, gasPriceWei } = await startNetwork(workshop, storm.network, tools)
  const deployer = { rpcUrl: network.observerUrl, key: deployerKey(options), gasPriceWei }

  progress.step(`register of ${storm.voters} voters`)
  const registerFile = join(folder.planFolder, 'register.bin')
  const electorate = { seed: options.seed, size: storm.voters }
  const registerCommitment = await register({
    electorate,
    file: registerFile,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  })
  progress.step('contracts deployed, voters enrolled')
  const deployment = await deploy(workshop, deployer, registerFile)

  progress.step('ballots signed')
  const { plan } = await makePlan({
    seed: options.seed,
    scenario: storm.name,
    design: options.design.name,
    path: options.design.path,
    polls: Storm.polls(storm, options.seed),
    stages: [...storm.stages],
    day: storm.day,
    order: Crowd.orderOf(storm, options.seed),
    voter: storm.voter,
    domain: { chainId: deployment.chainId, verifyingContract: deployment.ballotBox },
    codeHash: deployment.codeHash,
    registerCommitment,
    electorateSize: storm.voters,
    registerFile,
    folder: folder.planFolder,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  })
  progress.step(`design ${options.design.name}`)
  const system = await startSystem(workshop, {
    network,
    deployer,
    deployment,
    registerFile,
    seed: options.seed,
  })
  const observers = await startObservers(workshop, { network, deployment, system, tools })
  return {
    network,
    deployer,
    deployment,
    plan,
    load: Plan.describe(plan),
    system,
    tools,
    ...observers,
  }
}

/** Witness, resender, feeder and Prometheus: those who look, and the one who hands out. */
async function startObservers(
  workshop: Workshop,
  site: Pick<Rig, 'network' | 'deployment' | 'system' | 'tools'>,
): Promise<Pick<Rig, 'feederUrl' | 'prometheus'>> {
  const { folder, progress, options } = workshop
  const { network, deployment, system } = site
  const planFolder = folder.planFolder
  progress.step('witness and feeder')
  const witnessUrl = await workshop.startOwn('witness', 'metrics/witness/main.ts', {
    rpcUrls: [...new Set([network.observerUrl, ...network.rpcUrls])].slice(0, WITNESS_NODES),
    ballotBox: deployment.ballotBox,
    finality: network.finality,
    fromBlock: Math.max(1, deployment.blockNumber),
    observationsFile: folder.observationsFile,
    port: 0,
  })
  const feederUrl = await workshop.startOwn('feeder', 'scenarios/load/feeder/main.ts', {
    planFolder,
    historyFile: folder.handedOverFile,
  })
  const own: ScrapeTarget[] = [scrape('witness', witnessUrl), scrape('feeder', feederUrl)]
  if (options.design.path === 'direct') {
    const resenderUrl = await workshop.startOwn('resender', 'scenarios/load/resender/main.ts', {
      planFolder,
      historyFile: folder.attemptsFile,
      resendHistoryFile: folder.resendsFile,
      rpcUrls: network.rpcUrls,
    })
    own.push(scrape('resender', resenderUrl))
  }
  const tool = site.tools.prometheus
  if (tool === undefined) return { feederUrl, prometheus: undefined }
  progress.step('Prometheus')
  const targets = [...own, ...system.scrapeTargets, ...network.metricsTargets]
  return { feederUrl, prometheus: await startPrometheus(workshop, tool, targets) }
}

/** Two make a comparison; each more costs a request a block. */
const WITNESS_NODES = 2

function scrape(job: string, url: string): ScrapeTarget {
  return { job, target: new URL(url).host, path: '/metrics' }
}

function deployerKey({ deployerKeyFile, seed }: Workshop['options']): Buffer {
  if (deployerKeyFile === undefined) return Electorate.rolePrivateKey(seed, 'deployer')
  return Buffer.from(readFileSync(deployerKeyFile, 'utf8').trim().replace(/^0x/, ''), 'hex')
}

async function deploy(
  { progress }: Workshop,
  deployer: Deploy.Deployer,
  registerFile: string,
): Promise<Deploy.Deployment> {
  const [ballotBox, voterRegister] = await Promise.all([
    Contracts.artifact('BallotBox'),
    Contracts.artifact('VoterRegister'),
  ])
  return Deploy.deploy(deployer, {
    bytecode: { ballotBox: ballotBox.bytecode, register: voterRegister.bytecode },
    registerFile,
    onProgress: (enrolled, total) => progress.update(`${enrolled} of ${total} voters`),
  })
}

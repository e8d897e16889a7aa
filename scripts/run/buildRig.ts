import { join } from 'node:path'

import type { Network } from '../../chain/networks/Network.ts'
import type { ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import { ForeignSpoolError, makePlan } from '../../scenarios/load/makePlan.ts'
import * as Plan from '../../scenarios/load/Plan.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Crowd from '../../scenarios/storms/Crowd.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import * as Contracts from '../contracts.ts'
import { UsageError } from '../UsageError.ts'
import { install } from './contracts/install.ts'
import type { Installation } from './contracts/Installation.ts'
import type { ResolvedTools } from './resolveTools.ts'
import { startNetwork } from './startNetwork.ts'
import { startPrometheus, type Prometheus } from './startPrometheus.ts'
import { startSystem, type System } from './startSystem.ts'
import { startWitness } from './startWitness.ts'
import type { Workshop } from './Workshop.ts'

/** Everything that stands before the first ballot flies. */
export type Rig = {
  /** Undefined where the design has no chain. */
  network: Network | undefined
  installation: Installation
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
  const { design, seed } = options
  progress.step('contracts')
  await Contracts.compile()
  const { network, gasPriceWei } =
    design.contracts === 'none'
      ? { network: undefined, gasPriceWei: 0n }
      : await startNetwork(workshop, storm.network, tools)

  progress.step(`register of ${storm.voters} voters`)
  const registerFile = join(folder.planFolder, 'register.bin')
  const registerCommitment = await register({
    electorate: { seed, size: storm.voters },
    file: registerFile,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  })
  const ground = { workshop, network, gasPriceWei, registerFile, registerCommitment }
  const installation = await install({ ...ground, polls: Storm.polls(storm, seed) })

  progress.step(options.spoolFile === undefined ? 'ballots signed' : 'spool checked')
  const { chainId, verifyingContract, codeHash } = installation
  const { plan } = await makePlan({
    seed,
    scenario: storm.name,
    design: design.name,
    path: design.path,
    polls: installation.polls,
    stages: [...storm.stages],
    day: storm.day,
    order: Crowd.orderOf(storm, seed),
    voter: storm.voter,
    domain: { chainId, verifyingContract },
    codeHash,
    registerCommitment,
    electorateSize: storm.voters,
    registerFile,
    segment: options.segment,
    spoolFile: options.spoolFile,
    folder: folder.planFolder,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  }).catch(blameSpool)
  progress.step(`design ${design.name}`)
  const system = await startSystem(workshop, { network, installation, gasPriceWei, registerFile })
  const observers = await startObservers(workshop, { network, installation, system, tools })
  return { network, installation, plan, load: Plan.describe(plan), system, tools, ...observers }
}

/** A spool that the user has named and that cannot be fired is the user's to replace. */
function blameSpool(error: unknown): never {
  if (error instanceof ForeignSpoolError || error instanceof Spool.DamagedError) {
    throw new UsageError([`--spool: ${error.message}`])
  }
  throw error
}

/** Witness, resender, feeder and Prometheus: those who look, and the one who hands out. */
async function startObservers(
  workshop: Workshop,
  site: Pick<Rig, 'network' | 'installation' | 'system' | 'tools'>,
): Promise<Pick<Rig, 'feederUrl' | 'prometheus'>> {
  const { folder, progress, options } = workshop
  const { planFolder } = folder
  progress.step('witness and feeder')
  const witnessUrl = await startWitness(workshop, site)
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
      rpcUrls: [...site.system.targets, ...site.system.standbyTargets],
    })
    own.push(scrape('resender', resenderUrl))
  }
  const tool = site.tools.prometheus
  if (tool === undefined) return { feederUrl, prometheus: undefined }
  progress.step('Prometheus')
  const targets = [...own, ...site.system.scrapeTargets, ...(site.network?.metricsTargets ?? [])]
  return { feederUrl, prometheus: await startPrometheus(workshop, tool, targets) }
}

function scrape(job: string, url: string): ScrapeTarget {
  return { job, target: new URL(url).host, path: '/metrics' }
}

import { freePort } from '../../chain/processes/freePort.ts'
import { startPart, type Serving } from '../../chain/processes/startPart.ts'
import { everyBallots } from '../../scenarios/load/probe/Config.ts'
import type * as Plan from '../../scenarios/schedule/Plan.ts'
import { scrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import * as Parts from '../rig/parts.ts'
import type * as Rig from '../rig/Rig.ts'
import { startPrometheus, type Prometheus } from '../rig/startPrometheus.ts'
import { lastSequence, nextBlock, startDatabaseWitness, startWitness } from '../rig/startWitness.ts'
import type { RunContext } from './RunContext.ts'

/** Those who look at a storm, and the one who hands out its ballots. */
export type Observers = {
  witness: Serving
  feeder: Serving
  /** Where voters send transactions of their own. */
  resender: Serving | undefined
  /** Casts a few of the ballots beside k6. */
  probe: Serving | undefined
  prometheus: Prometheus | undefined
  attacker: Serving | undefined
}

/** Starts witness, feeder, resender, probe and Prometheus for one storm. */
export async function startObservers(
  context: RunContext,
  ready: Rig.Ready,
  plan: Plan.Plan,
): Promise<Observers> {
  const { host, folder } = context
  const { rig, stand } = ready
  const { design } = rig.options
  const { planFolder } = folder
  host.progress.step('witness and feeder')
  const witness = await witnessOf(context, ready)
  const feeder = await startPart(host, Parts.feeder, {
    planFolder,
    historyFile: folder.handedOverFile,
    probeEveryBallots: everyBallots(plan),
    port: await freePort(),
  })
  const resender =
    design.path === 'rpc'
      ? await startPart(host, Parts.resender, {
          planFolder,
          historyFiles: [folder.attemptsFile, folder.probeAttemptsFile],
          resendHistoryFile: folder.resendsFile,
          rpcUrls: [...stand.system.targets, ...stand.system.standbyTargets],
          port: await freePort(),
        })
      : undefined
  const probe = await startProbe(context, { ready, plan, feeder })
  const attacker = await startAttacker(context, ready)
  const observers = { witness, feeder, resender, probe, attacker }
  const tool = rig.tools.prometheus
  if (tool === undefined) return { ...observers, prometheus: undefined }
  host.progress.step('Prometheus')
  const own = [witness, feeder, resender, probe, attacker].filter((one) => one !== undefined)
  const targets = [
    ...own.map(({ part, url }) => scrapeTarget(part.role, url)),
    ...stand.system.scrapeTargets,
    ...(rig.network?.network.metricsTargets ?? []),
  ]
  return { ...observers, prometheus: await startPrometheus(host, tool, targets) }
}

/** Whoever means ill needs no invitation. */
async function startAttacker(
  { host, folder, attack }: RunContext,
  { polls, stand }: Rig.Ready,
): Promise<Serving | undefined> {
  if (attack === undefined) return undefined
  return startPart(host, Parts.attacker, {
    attack,
    targets: stand.system.targets,
    pollIds: polls.map(({ pollId }) => pollId),
    voterCount: stand.electorate.size,
    reportFile: folder.attackReportFile,
    port: await freePort(),
  })
}

/** Without a ballot there is nothing to probe with. */
async function startProbe(
  { host, folder }: RunContext,
  { ready, plan, feeder }: { ready: Rig.Ready; plan: Plan.Plan; feeder: Serving },
): Promise<Serving | undefined> {
  if (plan.ballotCount === 0) return undefined
  const { targets, standbyTargets } = ready.stand.system
  return startPart(host, Parts.probe, {
    path: plan.path,
    feederUrl: feeder.url,
    targets: [...targets],
    standbyTargets: [...standbyTargets],
    voter: plan.voter,
    historyFile: folder.probeAttemptsFile,
    reportFile: folder.probeReportFile,
    port: await freePort(),
  })
}

/** Reads where ballots count: the chain, or where there is none the database, with an account that can only read. */
async function witnessOf(
  { host, folder: { observationsFile } }: RunContext,
  { rig, stand: { deployment, system, stormCount } }: Rig.Ready,
): Promise<Serving> {
  const isFirst = stormCount === 1
  const { target, fromBlock: firstBlock } = deployment
  if (target !== undefined && rig.network !== undefined) {
    const { network } = rig.network
    const fromBlock = isFirst ? firstBlock : await nextBlock(network)
    return startWitness(host, { network, target, fromBlock, observationsFile })
  }
  const postgresUrl = system.database?.readOnlyUrl ?? ''
  const afterSequence = isFirst ? 0 : await lastSequence(postgresUrl)
  return startDatabaseWitness(host, { postgresUrl, afterSequence, observationsFile })
}

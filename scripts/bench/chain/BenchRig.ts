import { join } from 'node:path'

import type { Config as WitnessConfig } from '../../../metrics/witness/Config.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { register } from '../../../scenarios/presign/register.ts'
import { SILENT } from '../../Progress.ts'
import { deploy } from '../../rig/deployment/deploy.ts'
import type { Deployment } from '../../rig/deployment/Deployment.ts'
import * as Host from '../../rig/Host.ts'
import { resolveTools } from '../../rig/resolveTools.ts'
import { startNetwork, type NetworkStage } from '../../rig/startNetwork.ts'
import * as Rig from '../../rig/startWitness.ts'
import * as RunOptions from '../../run/RunOptions.ts'
import type { Profile } from './Profile.ts'
import * as Series from './Series.ts'

/** A running network of four validators with a witness, on which measured windows are taken. */
export type BenchRig = {
  host: Host.Host
  /** Where profiles go, if any are taken. */
  profile: Profile
  stage: NetworkStage
  /** Register and BallotBox. */
  deployment: Deployment
  registerFile: string
  registerCommitment: Buffer
  /** What the witness saw. */
  series: Series.Series
  /** Another design's contracts on the same network, from accounts of their own. */
  deployDesign(design: string): Promise<Deployment>
  /** Called before the processes are stopped, the last first. */
  onClose(step: () => Promise<void>): void
}

export const SEED = 'bench-chain'

/**
 * Voters in the register: 200 chunks, about as many as a popular poll enrols, so that the ballots of
 * a batch lie as far apart as they do there.
 */
export const VOTERS = 200 * 1228

/**
 * Starts network, contracts and witness in `folder`, which takes about half a minute, and stops all
 * after the work, whatever comes of it.
 */
export async function use<Result>(
  { folder, profile }: { folder: string; profile: Profile },
  work: (rig: BenchRig) => Promise<Result>,
): Promise<Result> {
  const closing: (() => Promise<void>)[] = []
  const host = hostOf(folder, profile)
  try {
    return await work(await compose(host, profile, (step) => void closing.push(step)))
  } finally {
    for (const step of closing.toReversed()) await step()
    await host.close()
  }
}

/** Where the parts of a benchmark live; it tells of itself. */
export function hostOf(folder: string, profile: Profile): Host.Host {
  return Host.create({
    folder,
    progress: SILENT,
    nodeFlags: (name) => profile.nodeFlags(name),
    around: (supervisor) => profile.around(supervisor),
  })
}

async function compose(
  host: Host.Host,
  profile: Profile,
  onClose: BenchRig['onClose'],
): Promise<BenchRig> {
  const options = optionsOf('relayed')
  const stage = await startNetwork(host, 'qbft', options, await resolveTools('qbft'))
  const registerFile = join(host.folder, 'register.bin')
  const electorate = { seed: SEED, size: VOTERS }
  const registerCommitment = await register({ electorate, file: registerFile })
  const deployDesign: BenchRig['deployDesign'] = (design) =>
    deploy({
      options: optionsOf(design),
      progress: SILENT,
      stage,
      registerFile,
      registerCommitment,
      polls: [],
    })
  const deployment = await deployDesign('relayed')
  const rig = { host, profile, stage, deployment, registerFile, registerCommitment, onClose }
  const series = await startWitness(rig, deployment)
  return { ...rig, series, deployDesign }
}

function optionsOf(design: string) {
  return { ...RunOptions.parse({ design, seed: SEED }), network: 'qbft' as const }
}

/**
 * Starts a witness as a run does.
 *
 * @param number - from 1, tells several apart.
 * @returns what it sees.
 */
export async function startWitness(
  { host, stage, onClose }: Pick<BenchRig, 'host' | 'stage' | 'onClose'>,
  { target, fromBlock }: Pick<Deployment, 'target' | 'fromBlock'>,
  number = 1,
): Promise<Series.Series> {
  const observationsFile = join(host.folder, `observations-${number}.jsonl`)
  const site = { network: stage.network, target: present(target), fromBlock, observationsFile }
  await Rig.startWitness(host, site, number)
  const series = Series.follow(observationsFile)
  onClose(async () => series.close())
  return series
}

function present(target: WitnessConfig['target'] | undefined): WitnessConfig['target'] {
  if (target === undefined) throw new TypeError('A deployment without a chain has no witness.')
  return target
}

/** Writes the key of a role where only its owner reads it; gives the file. */
export function writeKey({ host }: Pick<BenchRig, 'host'>, role: string): string {
  return host.writeKey(role, Electorate.rolePrivateKey(SEED, role))
}

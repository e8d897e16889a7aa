import { rmSync } from 'node:fs'
import { join } from 'node:path'

import type { Part } from '../../chain/processes/Part.ts'
import type * as Poll from '../../scenarios/ballots/Poll.ts'
import type * as Electorate from '../../scenarios/population/Electorate.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Contracts from '../contracts.ts'
import { UsageError } from '../UsageError.ts'
import { deploy, numbered } from './deployment/deploy.ts'
import type { Deployment } from './deployment/Deployment.ts'
import type { Host, PartExit } from './Host.ts'
import type { ResolvedTools } from './resolveTools.ts'
import type { RigOptions } from './RigOptions.ts'
import { startNetwork, type NetworkStage } from './startNetwork.ts'
import { startSystem, type System } from './startSystem.ts'

/**
 * A network, a deployment on it and the system that voters talk to, for one storm after the other.
 * Each stage can be started, kept and stopped by itself; what a storm needs and what stands already
 * is used again.
 */
export type Rig = {
  /** Where deployment and system live; the network may live at another host. */
  host: Host
  options: RigOptions
  tools: ResolvedTools
  /** Undefined where the design has no chain. */
  network: NetworkStage | undefined
  /** Undefined until the first storm is prepared. */
  stand: Stand | undefined
}

/** A deployment for an electorate, and the system over it. */
export type Stand = {
  electorate: Electorate.Electorate
  registerFile: string
  registerCommitment: Buffer
  deployment: Deployment
  system: System
  /** Polls that were opened for earlier storms; ids count on from them. */
  pollCount: number
  stormCount: number
}

/** What of a storm the rig must know to be ready for it. */
export type Wanted = {
  voters: number
  /** The storm's polls under a seed, numbered from 1. */
  pollsOf: (seed: string) => Poll.Poll[]
}

/** A rig that is ready for a storm. */
export type Ready = {
  rig: Rig
  stand: Stand
  polls: Poll.Poll[]
  /** Parts of the rig that ended without being told to since it was made ready. */
  exits: () => PartExit[]
}

/**
 * A rig with its network running.
 *
 * @param network - one that runs already; its owner stops it. @default one of the rig's own
 * @throws what the network throws that does not become ready.
 * @throws {UsageError} where the design and the price of the chain do not go together.
 */
export async function start(
  host: Host,
  options: RigOptions,
  tools: ResolvedTools,
  network?: NetworkStage,
): Promise<Rig> {
  host.progress.step('contracts')
  await Contracts.compile()
  const kind = options.network
  const running =
    kind === undefined ? undefined : (network ?? (await startNetwork(host, kind, options, tools)))
  if (running?.network.isPriced === true) assertPayable(options)
  return { host, options, tools, network: running, stand: undefined }
}

/** On a chain with a gas price somebody must pay: voters cannot, so only the relayer can. */
function assertPayable({ design, deployerKeyFile, externalDeployment }: RigOptions): void {
  if (design.path === 'rpc') {
    throw new UsageError([
      'This chain has a gas price, and with --design direct each voter would need funds: take --design relayed, or a chain with gas price 0.',
    ])
  }
  if (deployerKeyFile === undefined && externalDeployment === undefined) {
    throw new UsageError([
      'This chain has a gas price: name a funded account by --deployer-key-file, or take a chain with gas price 0.',
    ])
  }
}

/**
 * Makes the rig ready for a storm: deployment and system are kept where they take more polls of the
 * same electorate, else replaced. The polls' ids go on from those of earlier storms.
 */
export async function prepare(rig: Rig, wanted: Wanted): Promise<Ready> {
  const exits = exitsFromNow(rig)
  const { stand } = rig
  const isFit = stand !== undefined && stand.electorate.size === wanted.voters
  if (isFit && stand.deployment.takesMorePolls) {
    const polls = wanted
      .pollsOf(stand.electorate.seed)
      .map((poll) => ({ ...poll, pollId: poll.pollId + stand.pollCount }))
    return { ...noteStorm(rig, stand), polls, exits }
  }
  await stopStand(rig)
  const made = await makeStand(rig, wanted)
  rig.stand = made
  return { ...noteStorm(rig, made), polls: made.deployment.polls, exits }
}

function noteStorm(rig: Rig, stand: Stand): Pick<Ready, 'rig' | 'stand'> {
  stand.stormCount += 1
  if (rig.options.design.path === 'rpc') rig.network?.spentSeeds.add(stand.electorate.seed)
  return { rig, stand }
}

/** Network and system may live at hosts of their own, which keep what happened under earlier storms. */
function exitsFromNow({ host, network }: Rig): () => PartExit[] {
  const hosts = [...new Set([host, ...(network === undefined ? [] : [network.host])])]
  const before = new Map(hosts.map((one) => [one, one.exits.length]))
  return () => hosts.flatMap((one) => one.exits.slice(before.get(one)))
}

/** Polls of this number now stand; called once they are opened. */
export function countPolls(stand: Stand, opened: number): void {
  stand.pollCount += opened
}

async function makeStand(rig: Rig, { voters, pollsOf }: Wanted): Promise<Stand> {
  const { host, options, network } = rig
  const { progress } = host
  const electorate = { seed: electorateSeed(rig), size: voters }
  progress.step(`register of ${voters} voters`)
  const registerFile = join(host.folder, 'register.bin')
  const registerCommitment = await register({
    electorate,
    file: registerFile,
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  })
  const deployment = await deploy({
    options,
    progress,
    stage: network,
    registerFile,
    registerCommitment,
    polls: pollsOf(electorate.seed),
  })
  progress.step(`design ${options.design.name}`)
  const system = await startSystem(host, { options, stage: network, deployment, registerFile })
  const known = { electorate, registerFile, registerCommitment, deployment, system }
  return { ...known, pollCount: 0, stormCount: 0 }
}

/**
 * Voters whose own transactions a network holds cannot begin anew at nonce 0: others vote in their
 * place.
 */
function electorateSeed({ network, options: { design, seed } }: Rig): string {
  if (network === undefined || design.path !== 'rpc') return seed
  for (let number = 1; ; number += 1) {
    const candidate = numbered(seed, number)
    if (!network.spentSeeds.has(candidate)) return candidate
  }
}

/** All processes of the rig that are ours: those of the network first. */
export function partsOf({ network, stand }: Rig): Part[] {
  return [...(network?.network.parts ?? []), ...(stand?.system.parts ?? [])]
}

/** Stops the system; the deployment stays on the chain and is forgotten. */
export async function stopStand(rig: Rig): Promise<void> {
  if (rig.stand === undefined) return
  const { system, registerFile } = rig.stand
  rig.stand = undefined
  await system.stop()
  for (const file of [registerFile, `${registerFile}.json`]) rmSync(file, { force: true })
}

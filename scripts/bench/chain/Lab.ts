import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Deploy from '../../../chain/contracts/deploy.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as Qbft from '../../../chain/networks/qbft.ts'
import * as Readiness from '../../../chain/processes/Readiness.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import type { Config as WitnessConfig } from '../../../metrics/witness/Config.ts'
import type * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { register } from '../../../scenarios/presign/register.ts'
import { artifact } from '../../contracts.ts'
import * as Tools from '../../Tools.ts'
import type { Profile } from './Profile.ts'
import * as Series from './Series.ts'

/** A running network of four validators with a witness, on which turns are taken. */
export type Lab = {
  folder: string
  /** Where profiles go, if any are taken. */
  profile: Profile
  supervisor: Supervisor.Supervisor
  network: Network
  deployment: Deploy.Deployment
  deployer: Deploy.Deployer
  registerFile: string
  registerCommitment: Buffer
  /** What ballots are bound to. */
  domain: Ballot.Domain
  /** What the witness saw. */
  series: Series.Series
  /**
   * Starts one of our own processes with a configuration.
   *
   * @returns the URL that it serves.
   */
  startOwn(name: string, main: string, config: Record<string, unknown>): Promise<string>
  /** Writes a key of a role where only its owner reads it; gives the file. */
  writeKey(role: string): string
  /** Called before the processes are stopped, the last first. */
  onClose(step: () => Promise<void>): void
}

export const SEED = 'bench-chain'

/**
 * Voters in the register: 200 chunks, about as many as a popular poll enrols, so that the ballots of
 * a batch lie as far apart as they do there.
 */
export const VOTERS = 200 * 1228

/** Two make a comparison, as in a run. */
const WITNESS_NODES = 2

const READY_TIMEOUT_MS = 120_000

const ROOT = join(import.meta.dirname, '../../..')

/**
 * Starts network, contracts and witness in `folder`, which takes about half a minute, and stops all
 * after the work, whatever comes of it.
 */
export async function use<Result>(
  { folder, profile }: Pick<Lab, 'folder' | 'profile'>,
  work: (lab: Lab) => Promise<Result>,
): Promise<Result> {
  const supervisor = profile.around(Supervisor.create({ logFolder: join(folder, 'logs') }))
  const closing: (() => Promise<void>)[] = []
  const onClose: Lab['onClose'] = (step) => void closing.push(step)
  try {
    return await work(await compose({ folder, profile, supervisor, onClose }))
  } finally {
    for (const step of closing.toReversed()) await step()
    await supervisor.stopAll()
  }
}

async function compose(
  site: Pick<Lab, 'folder' | 'profile' | 'supervisor' | 'onClose'>,
): Promise<Lab> {
  const { folder, profile, supervisor, onClose } = site
  const { path: binary } = await Tools.resolve('goquorum')
  const dataFolder = join(folder, 'network')
  mkdirSync(dataFolder, { recursive: true })
  const network = await Qbft.start({ supervisor, binary, dataFolder, seed: SEED })
  const registerFile = join(folder, 'register.bin')
  const electorate = { seed: SEED, size: VOTERS }
  const registerCommitment = await register({ electorate, file: registerFile })
  const key = Electorate.rolePrivateKey(SEED, 'deployer')
  const deployer = { rpcUrl: network.observerUrl, key, gasPriceWei: 0n }
  const deployment = await Deploy.deploy(deployer, {
    bytecode: {
      ballotBox: (await artifact('BallotBox')).bytecode,
      register: (await artifact('VoterRegister')).bytecode,
    },
    registerFile,
  })
  const startOwn: Lab['startOwn'] = async (name, main, config) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
    return supervisor.start({
      name,
      command: process.execPath,
      args: [...profile.nodeFlags(name), join(ROOT, main), file],
      ready: Readiness.line,
      readyTimeoutMs: READY_TIMEOUT_MS,
    })
  }
  const series = await startWitness(
    { folder, network, startOwn, onClose },
    { name: 'witness', fromBlock: deployment.blockNumber },
    { kind: 'ballot-box', address: deployment.ballotBox },
  )
  return {
    ...site,
    network,
    deployment,
    deployer,
    registerFile,
    registerCommitment,
    domain: { chainId: deployment.chainId, verifyingContract: deployment.ballotBox },
    series,
    startOwn,
    writeKey(role) {
      const file = join(folder, `${role}.key`)
      const hex = Electorate.rolePrivateKey(SEED, role).toString('hex')
      writeFileSync(file, hex, { mode: 0o600 })
      return file
    },
  }
}

/**
 * Starts a witness as a run does.
 *
 * @param target - whose ballots it counts, as its configuration says it.
 * @returns what it sees.
 */
export async function startWitness(
  lab: Pick<Lab, 'folder' | 'network' | 'startOwn' | 'onClose'>,
  { name, fromBlock }: { name: string; fromBlock: number },
  target: WitnessConfig['target'],
): Promise<Series.Series> {
  const { network } = lab
  const observationsFile = join(lab.folder, `${name}.jsonl`)
  await lab.startOwn(name, 'metrics/witness/main.ts', {
    rpcUrls: [network.observerUrl, ...network.rpcUrls].slice(0, WITNESS_NODES),
    target,
    finality: network.finality,
    fromBlock: Math.max(1, fromBlock),
    observationsFile,
    port: 0,
  })
  const series = Series.follow(observationsFile)
  lab.onClose(async () => series.close())
  return series
}

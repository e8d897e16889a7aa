import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Pool } from 'pg'

import * as Deploy from '../../chain/contracts/deploy.ts'
import { deployActiveCitizen2017 } from '../../chain/contracts/deployActiveCitizen2017.ts'
import { createAnchorPolls, deployAnchor } from '../../chain/contracts/deployAnchor.ts'
import * as Polls from '../../chain/database/Polls.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import type * as Config from '../../chain/relayer/Config.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as Register from '../../scenarios/ballots/Register.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import type * as Postgres from '../chain/database/postgres.ts'
import { artifact } from '../contracts/artifacts.ts'
import { exactlyOnce, type Intent, type Violations } from './exactlyOnce.ts'
import { call, isRecord } from './rpcCall.ts'
import * as Child from './systemChild.ts'
import * as City from './systemCity.ts'
import type { Network } from './systemNetwork.ts'
import * as Servers from './systemServers.ts'

/** Database, chain, contracts and one poll, for tests that bring relayer and API themselves. */
export type System = {
  folder: string
  postgres: Omit<Postgres.Postgres, 'folder' | 'dispose'>
  /** All nodes; the first is what tests read. */
  rpcUrls: string[]
  chainId: number
  validators: Network['validators']
  /** How a relayer carries here. */
  submitter: Config.Config['submitter']
  /** What ballots are bound to; in `relayed` the BallotBox. */
  ballotBox: string
  registerFile: string
  poll: Deploy.PollOnChain
  pool: Pool
  rpc(method: string, params?: unknown[]): Promise<unknown>
  /** Anvil's miner, who makes a block each `blockTimeMs`. */
  mining: Servers.Mining
  /** The private key of `deployer`, or of a relayer by its instance. */
  key(role: string): Buffer
  /** Executable transactions in the node's pool. */
  pooledCount(): Promise<number>
  /** Of a block, Unix seconds. */
  timestamp(blockNumber: number): Promise<number>
  /** Signed ballots of voters `first` … `first + count − 1`. */
  ballots(first: number, count: number): City.CityBallot[]
  /** Ballots of these voters for these choices. */
  ballotsFor(intents: readonly { voterIndex: number; choice: number }[]): City.CityBallot[]
  /** Puts ballots into the outbox, as if the API had acknowledged them. */
  acknowledge(ballots: readonly City.CityBallot[]): Promise<void>
  /** Writes key and configuration of a relayer. @returns the configuration file. */
  relayerConfig(instance: string, config?: Partial<Config.Config>): string
  /** Writes the configuration of an API that keeps its port. @returns the configuration file. */
  apiConfig(): Promise<string>
  startApi(configFile: string): Promise<Child.Child>
  /** Starts a relayer, or a mutant of it. */
  startRelayer(
    configFile: string,
    mutant?: { main?: string; environment?: Record<string, string> },
  ): Promise<Child.Child>
  /** Batches by state. */
  batches(): Promise<Record<string, number>>
  /** Waits until all ballots are in final batches. */
  drained(timeoutMs?: number): Promise<void>
  violations(acknowledged: readonly Intent[], unanswered?: readonly Intent[]): Promise<Violations>
  dispose(): Promise<void>
}

export type Options = {
  /** @default 'relayed' */
  design?: Config.Config['submitter']['kind'] | undefined
  /** Of `relayed`. @default 'BallotBox' */
  contract?: 'BallotBox' | 'UnguardedBallotBox' | undefined
  voters?: number | undefined
  /** Seconds from now. @default -60 */
  opensIn?: number | undefined
  /** Seconds from now. @default 3600 */
  closesIn?: number | undefined
  /** Seconds after closing. @default 3600 */
  sealsAfter?: number | undefined
  postgresSettings?: Record<string, string> | undefined
  blockTimeMs?: number | undefined
  /** @default 60_000_000 */
  gasLimit?: number | undefined
}

/** A system on an anvil of its own that mines a block each `blockTimeMs`. */
export function onAnvil(options: Options = {}): Promise<System> {
  return on('anvil', options)
}

/** Starts a network, deploys on it, makes the database and one poll of three options. */
export async function on(kind: 'anvil' | 'qbft', options: Options): Promise<System> {
  const servers = await Servers.start(kind, options)
  try {
    const system = await onServers(servers, options)
    return {
      ...system,
      async dispose() {
        await system.dispose()
        await servers.dispose()
      },
    }
  } catch (error) {
    await servers.dispose()
    throw error
  }
}

/**
 * A system with a database, contracts and accounts of its own. Those before it on the same servers
 * are disposed of.
 */
export async function onServers(servers: Servers.Servers, options: Options = {}): Promise<System> {
  const { network, postgres, mining } = servers
  const { observerUrl: rpcUrl } = network
  const { number, postgresUrl } = await servers.next()
  const folder = join(network.host.folder, `system-${number}`)
  mkdirSync(folder)
  const registerFile = join(folder, 'register.bin')
  City.writeRegister(registerFile, options.voters ?? 2000)
  const key = (role: string): Buffer => Electorate.rolePrivateKey(`${City.SEED} ${number}`, role)
  const deployer = { rpcUrl, key: key('deployer'), gasPriceWei: 0n }
  const { submitter, ballotBox, poll } = await deploy(deployer, registerFile, options)
  const pool = new Pool({ connectionString: postgresUrl, max: 4, statement_timeout: 5000 })
  pool.on('error', () => undefined)
  await Polls.insert(pool, [{ ...poll, pollDigest: Buffer.from(poll.pollDigest.slice(2), 'hex') }])

  const { rpcUrls, chainId } = network
  const sign = ({ voterIndex, choice }: { voterIndex: number; choice: number }): City.CityBallot =>
    City.sign({ chainId, verifyingContract: ballotBox }, poll, { voterIndex, choice })
  const children: Child.Child[] = []
  return {
    folder,
    postgres,
    rpcUrls,
    chainId,
    validators: network.validators,
    submitter,
    ballotBox,
    registerFile,
    poll,
    pool,
    rpc: (method, params = []) => call(rpcUrl, method, params),
    mining,
    key,
    pooledCount: async () => numberIn(await call(rpcUrl, 'txpool_status', []), 'pending'),
    async timestamp(blockNumber) {
      const params = [`0x${blockNumber.toString(16)}`, false]
      return numberIn(await call(rpcUrl, 'eth_getBlockByNumber', params), 'timestamp')
    },
    ballots: (first, count) =>
      Array.from({ length: count }, (_, index) => {
        const voterIndex = first + index
        return sign({ voterIndex, choice: (voterIndex * 7) % 3 })
      }),
    ballotsFor: (intents) => intents.map(sign),
    acknowledge: (ballots) => insert(pool, ballots, submitter.kind === 'ballot-box'),
    relayerConfig(instance, config = {}) {
      const keyFile = join(folder, `${instance}.key`)
      // The other contracts obey their owner alone, who deployed them.
      const isOwners = submitter.kind !== 'ballot-box'
      writeFileSync(keyFile, key(isOwners ? 'deployer' : instance).toString('hex'))
      const file = join(folder, `${instance}.json`)
      const whole: Partial<Config.Config> = {
        instance,
        postgresUrl,
        keyFile,
        rpcUrls,
        chainId,
        submitter,
        registerFile,
        finality: { kind: 'instant' },
        blockTimeMs: options.blockTimeMs ?? Servers.BLOCK_TIME_MS,
        ...config,
      }
      writeFileSync(file, JSON.stringify(whole))
      return file
    },
    async apiConfig() {
      const receiptKeyFile = join(folder, 'receipts.key')
      writeFileSync(
        receiptKeyFile,
        Electorate.rolePrivateKey(City.SEED, 'receipts').toString('hex'),
      )
      const file = join(folder, 'api.json')
      const port = await freePort()
      const isMirrored = submitter.kind !== 'ballot-box'
      const whole = {
        postgresUrl,
        rpcUrl,
        verifyingContract: ballotBox,
        chainId,
        port,
        receiptKeyFile,
        registerFile,
        record: isMirrored ? 'database' : 'chain',
        givesProofs: submitter.kind === 'anchored',
        blockTimeMs: options.blockTimeMs ?? Servers.BLOCK_TIME_MS,
      }
      writeFileSync(file, JSON.stringify(whole))
      return file
    },
    async startApi(configFile) {
      const child = await Child.startMain('chain/api/main.ts', configFile)
      children.push(child)
      return child
    },
    async startRelayer(configFile, { main = 'chain/relayer/main.ts', environment } = {}) {
      const child = await Child.startMain(main, configFile, environment)
      children.push(child)
      return child
    },
    async batches() {
      const { rows } = await pool.query<{ state: string; count: number }>(
        'select state, count(*)::int as count from batches group by state',
      )
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
    },
    drained: (timeoutMs) => drained(pool, children, timeoutMs),
    violations: (acknowledged, unanswered) =>
      exactlyOnce({ rpcUrl, rpcUrls, ballotBox }, acknowledged, unanswered),
    async dispose() {
      await Promise.all(children.map((child) => child.kill()))
      await pool.end()
    },
  }
}

type Deployed = {
  submitter: Config.Config['submitter']
  ballotBox: string
  poll: Deploy.PollOnChain
}

async function deploy(
  deployer: Deploy.Deployer,
  registerFile: string,
  options: Options,
): Promise<Deployed> {
  const nowS = Math.floor(Date.now() / 1000)
  const closesAt = nowS + (options.closesIn ?? 3600)
  const poll = {
    question: 'Shall it hold?',
    options: ['Yes', 'No', 'Neither'],
    opensAt: nowS + (options.opensIn ?? -60),
    closesAt,
    sealsAt: closesAt + (options.sealsAfter ?? 3600),
  }
  const registerCommitment = Register.commitment(Register.chunks(registerFile))
  if (options.design === 'active-citizen-2017') {
    const [root, pollContract] = [await artifact('Root'), await artifact('Poll')]
    const bytecode = { root: root.bytecode, poll: pollContract.bytecode }
    const polls = [{ pollId: 1, ...poll }]
    const deployment = await deployActiveCitizen2017(deployer, { bytecode, polls })
    const pollDigest = `0x${Poll.digest(poll, registerCommitment).toString('hex')}`
    return {
      submitter: { kind: options.design, questions: deployment.questions },
      ballotBox: deployment.root,
      poll: { ...poll, pollId: 1, pollDigest },
    }
  }
  if (options.design === 'anchored') {
    const { bytecode } = await artifact('BallotAnchor')
    const deployment = await deployAnchor(deployer, { bytecode, registerCommitment })
    const [onChain] = await createAnchorPolls(deployer, deployment, [poll])
    const { ballotAnchor } = deployment
    return {
      submitter: { kind: options.design, ballotAnchor },
      ballotBox: ballotAnchor,
      poll: present(onChain),
    }
  }
  const bytecode = {
    ballotBox: (await artifact(options.contract ?? 'BallotBox')).bytecode,
    register: (await artifact('VoterRegister')).bytecode,
  }
  const deployment = await Deploy.deploy(deployer, { bytecode, registerFile })
  const [onChain] = await Deploy.createPolls(deployer, deployment, [poll])
  const { ballotBox } = deployment
  return { submitter: { kind: 'ballot-box', ballotBox }, ballotBox, poll: present(onChain) }
}

function present(poll: Deploy.PollOnChain | undefined): Deploy.PollOnChain {
  if (poll === undefined) throw new Error('no poll')
  return poll
}

async function insert(
  pool: Pool,
  ballots: readonly City.CityBallot[],
  keepsSignature: boolean,
): Promise<void> {
  await pool.query(
    `insert into ballots (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
     select *, extract(epoch from now())::bigint * 1000, $6::bytea
     from unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bytea[])`,
    [
      ballots.map(({ ballotHash }) => ballotHash),
      ballots.map(({ pollId }) => pollId),
      ballots.map(({ voterIndex }) => voterIndex),
      ballots.map(({ choice }) => choice),
      ballots.map(({ signature }) => (keepsSignature ? Buffer.from(signature) : null)),
      Buffer.alloc(65),
    ],
  )
}

async function drained(
  pool: Pool,
  children: readonly Child.Child[],
  timeoutMs = 30_000,
): Promise<void> {
  let waiting: unknown
  await Child.until(
    () =>
      `drained; ${JSON.stringify(waiting)}\n${children.map((child) => child.output()).join('---\n')}`,
    async () => {
      const { rows } = await pool.query<{ state: string; count: number }>(
        `select coalesce(state, 'outbox') as state, count(*)::int as count
         from ballots left join batches using (batch_id)
         where state is distinct from 'final' group by 1`,
      )
      waiting = rows
      return rows.length === 0
    },
    timeoutMs,
  )
}

/** A hexadecimal field of an answer; NaN where it is missing. */
function numberIn(answer: unknown, field: string): number {
  return isRecord(answer) ? Number(answer[field]) : Number.NaN
}

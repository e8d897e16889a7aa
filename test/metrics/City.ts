import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createPolls, deploy } from '../../chain/contracts/deploy.ts'
import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import { makePlan } from '../../scenarios/load/makePlan.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { artifact } from '../../scripts/contracts.ts'
import * as Child from '../helpers/systemChild.ts'
import * as Anvil from './anvil.ts'
import * as PlannedVoters from './PlannedVoters.ts'
import type { Path } from '../../scenarios/ballots/Path.ts'

/** A small city on a real chain: contracts, one poll, a plan, and what its voters were told. */
export type City = PlannedVoters.PlannedVoters & {
  anvil: Anvil.Anvil
  /** The first block after the poll was opened. */
  fromBlock: number
  registerFile: string
  /** The raw transaction of a `direct` ballot, or a carrier's of a `relayed` one alone. */
  send(...ballots: number[]): Promise<string>
  /** Mines a block past the sealing. */
  seal(): Promise<void>
  /** Runs the witness' process over these nodes until it called this block final. */
  observe(options: Observing): Promise<string>
  dispose(): Promise<void>
}

type Observing = {
  rpcUrls: string[]
  finality?: Finality
  untilFinal: number
  /** Called with the URL of the witness before it is told to stop. */
  beforeEnd?: (url: string) => Promise<void>
}

/** Everything of a city follows from it. */
export const SEED = 'city'
const VOTERS = 60
const BALLOTS = 24

export async function found(path: Path): Promise<City> {
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-city-'))
  const anvil = await Anvil.start()
  const registerFile = join(folder, 'register.bin')
  const registerCommitment = await register({
    electorate: { seed: SEED, size: VOTERS },
    file: registerFile,
  })
  const deployer = {
    rpcUrl: anvil.url,
    key: Electorate.rolePrivateKey(SEED, 'deployer'),
    gasPriceWei: 0n,
  }
  const [ballotBox, voterRegister] = [await artifact('BallotBox'), await artifact('VoterRegister')]
  const deployment = await deploy(deployer, {
    bytecode: { ballotBox: ballotBox.bytecode, register: voterRegister.bytecode },
    registerFile,
  })
  const now = Math.floor(Date.now() / 1000)
  const question = { question: 'Which?', options: ['one', 'two', 'three'] }
  const times = { opensAt: now - 1000, closesAt: now + 3000, sealsAt: now + 3600 }
  const [poll] = await createPolls(deployer, deployment, [{ ...question, ...times }])
  if (poll === undefined) throw new Error('no poll')
  const domain: Ballot.Domain = {
    chainId: deployment.chainId,
    verifyingContract: deployment.ballotBox,
  }
  await makePlan({
    seed: SEED,
    scenario: 'city',
    design: path,
    path,
    electorateSize: VOTERS,
    polls: [{ pollId: 1, ...question, closesAfterMs: 3_000_000, sealsAfterCloseMs: 600_000 }],
    arrivals: { kind: 'stages', stages: [{ ratePerS: BALLOTS, durationMs: 1000 }] },
    voter: { attemptsMax: 3, timeoutMs: 5000, backoffMs: 100 },
    domain,
    codeHash: deployment.codeHash,
    registerCommitment,
    registerFile,
    folder: join(folder, 'plan'),
  })
  const fromBlock = (await anvil.height()) + 1
  const startAtMs = Date.now() - 5000
  const voters = PlannedVoters.open({ folder, poll, domain, seed: SEED, startAtMs })
  let witnessCount = 0

  return {
    ...voters,
    anvil,
    fromBlock,
    registerFile,
    async send(...ballots) {
      const records = ballots.map((ballot) => voters.record(ballot))
      if (path === 'rpc') {
        const raw = Spool.decodeTransaction(records[0] ?? Buffer.alloc(0), 0).toString('hex')
        return String(await anvil.request('eth_sendRawTransaction', `0x${raw}`))
      }
      const batch = Batch.encode(records.map((record) => Batch.readRecord(record, 0)))
      const data = Contract.ballotBox.encodeFunctionData('castBatch', [batch])
      return anvil.transact({ to: deployment.ballotBox, data })
    },
    async seal() {
      await mined(anvil)
      await anvil.request('evm_setNextBlockTimestamp', poll.sealsAt + 1)
      await anvil.request('evm_mine')
    },
    async observe({ rpcUrls, finality = { kind: 'instant' }, untilFinal, beforeEnd }) {
      witnessCount += 1
      const observationsFile = join(folder, `observations-${witnessCount}.jsonl`)
      const configFile = join(folder, `witness-${witnessCount}.json`)
      const config = { rpcUrls, finality, fromBlock, observationsFile, pollIntervalMs: 20 }
      const target = { kind: 'ballot-box', address: deployment.ballotBox }
      writeFileSync(configFile, JSON.stringify({ ...config, target }))
      const witness = await Child.startMain('metrics/witness/main.ts', configFile)
      const watched = Child.until(
        () => witness.output(),
        () => isFinal(observationsFile, untilFinal),
      )
      await watched
        .then(() => beforeEnd?.(witness.url))
        .catch(async (error: unknown) => {
          await witness.kill()
          throw error
        })
      const ended = await witness.kill('SIGTERM')
      if (ended !== 0) throw new Error(`the witness ended with ${ended}: ${witness.output()}`)
      return observationsFile
    },
    async dispose() {
      await anvil.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function isFinal(observationsFile: string, number: number): boolean {
  try {
    return readFileSync(observationsFile, 'utf8').includes(`{"kind":"final","number":${number},`)
  } catch {
    return false
  }
}

/** A test that mines by hand may leave something in the pool on purpose. */
const POOL_TIMEOUT_MS = 3000

/** Waits until what was sent is in blocks: a busy node takes its time, and the next block is a late one. */
async function mined(anvil: Anvil.Anvil): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    const status = await anvil.request('txpool_status')
    return (
      typeof status === 'object' &&
      status !== null &&
      Object.values(status).every((count) => Number(count) === 0)
    )
  }
  await Child.until('the pool is empty', isEmpty, POOL_TIMEOUT_MS).catch(() => undefined)
}

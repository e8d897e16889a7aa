import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createPolls, deploy, type PollOnChain } from '../../chain/contracts/deploy.ts'
import * as Books from '../../metrics/books/reconcile.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as HistoryFile from '../../scenarios/load/HistoryFile.ts'
import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Instants from '../../scenarios/schedule/Instants.ts'
import { makePlan } from '../../scenarios/load/makePlan.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { artifact } from '../../scripts/contracts.ts'
import * as Child from '../helpers/systemChild.ts'
import * as Anvil from './anvil.ts'
import type { Path } from '../../scenarios/ballots/Path.ts'

/** A small city on a real chain: contracts, one poll, a plan, and what its voters were told. */
export type City = {
  anvil: Anvil.Anvil
  folder: string
  plan: Plan.Plan
  poll: PollOnChain
  ballotBox: string
  /** The first block after the poll was opened. */
  fromBlock: number
  receiptKey: Buffer
  registerFile: string
  /** What ballot *k* says. */
  intent(ballot: number): Spool.Intent
  /** The voter's request to the API; `relayed` only. */
  request(ballot: number): { voter: string; voterIndex: number; choice: number; signature: string }
  /** The raw transaction of a `direct` ballot, or a carrier's of a `relayed` one alone. */
  send(...ballots: number[]): Promise<string>
  /** The honest answer to ballot *k*. */
  answer(ballot: number, key?: Uint8Array): { status: number; body: string }
  /** Writes a history in which everybody got these answers; `undefined` was never sent. */
  writeHistory(answers?: (ballot: number) => HistoryAnswer | undefined): HistoryFiles
  /** Mines a block past the sealing. */
  seal(): Promise<void>
  reconcile(observationsFile: string, options?: Partial<Books.Options>): Promise<Books.Books>
  /** Runs the witness' process over these nodes until it called this block final. */
  observe(options: Observing): Promise<string>
  dispose(): Promise<void>
}

export type HistoryAnswer = { status: number; body: string }
type HistoryFiles = { attempts: string; handedOver: string }
type Observing = {
  rpcUrls: string[]
  finality?: Finality
  untilFinal: number
  /** Called with the URL of the witness before it is told to stop. */
  beforeEnd?: (url: string) => Promise<void>
}

const SEED = 'city'
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
  const { plan } = await makePlan({
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
  const receiptKey = Electorate.rolePrivateKey(SEED, 'receipt')
  const startAtMs = Date.now() - 5000
  const spool = Spool.open(join(folder, 'plan', Plan.FILES.spool))
  const records = spool.read(0, plan.ballotCount)
  const size = spool.header.recordSizeBytes
  spool.close()
  const separator = Ballot.domainSeparator(domain)
  const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
  let witnessCount = 0

  const answer: City['answer'] = (ballot, key = receiptKey) => {
    if (path === 'rpc') {
      const result = keccak256(Spool.decodeTransaction(records, ballot * size)).toString('hex')
      const body = JSON.stringify({ jsonrpc: '2.0', id: ballot, result: `0x${result}` })
      return { status: 200, body }
    }
    const { ballot: signed, voter } = Spool.decodeSigned(records, ballot * size)
    const { pollId, choice } = signed
    const digest = Ballot.digest(separator, { pollId, pollDigest, choice })
    const fields = {
      ballotHash: `0x${Ballot.hash(digest, voter).toString('hex')}`,
      pollId,
      acceptedAtMs: startAtMs + 10,
      sealsAt: poll.sealsAt,
    }
    return { status: 202, body: JSON.stringify({ receipt: Receipt.sign(fields, key) }) }
  }
  const writeHistory: City['writeHistory'] = (answers = (ballot) => answer(ballot)) => {
    const instants = Instants.open(join(folder, 'plan', Plan.FILES.instants))
    const intended = Array.from(instants.read(0, plan.ballotCount), (ms) => startAtMs + ms)
    instants.close()
    const files = historyFiles(folder)
    const told = intended.map((_, ballot) => answers(ballot))
    const handed = told.flatMap((one, first) =>
      one === undefined ? [] : [HistoryLine.formatHandOver({ first, count: 1, atMs: startAtMs })],
    )
    const attempts = told.flatMap((one, ballot) => {
      const intendedAtMs = intended[ballot] ?? 0
      const [sentAtMs, doneAtMs] = [intendedAtMs + 2, intendedAtMs + 30]
      const line = { ballot, attempt: 1, intendedAtMs, sentAtMs, doneAtMs }
      return one === undefined ? [] : [HistoryLine.formatAttempt({ ...line, ...one })]
    })
    for (const [file, lines] of [
      [files.handedOver, handed],
      [files.attempts, attempts],
    ] as const) {
      const history = HistoryFile.open(file)
      for (const line of lines) history.write(line)
      history.close()
    }
    return files
  }

  return {
    anvil,
    folder,
    plan,
    poll,
    ballotBox: deployment.ballotBox,
    fromBlock,
    receiptKey,
    registerFile,
    answer,
    writeHistory,
    intent: (ballot) => Spool.decodeIntent(records, ballot * size),
    request(ballot) {
      const { ballot: signed, voter } = Spool.decodeSigned(records, ballot * size)
      const { voterIndex, choice } = signed
      const signature = `0x${Buffer.from(signed.signature).toString('hex')}`
      return { voter: Address.toHex(voter), voterIndex, choice, signature }
    },
    async send(...ballots) {
      if (path === 'rpc') {
        const [ballot = 0] = ballots
        const raw = Spool.decodeTransaction(records, ballot * size).toString('hex')
        return String(await anvil.request('eth_sendRawTransaction', `0x${raw}`))
      }
      const batch = Batch.encode(ballots.map((one) => Batch.readRecord(records, one * size)))
      const data = Contract.ballotBox.encodeFunctionData('castBatch', [batch])
      return anvil.transact({ to: deployment.ballotBox, data })
    },
    async seal() {
      await mined(anvil)
      await anvil.request('evm_setNextBlockTimestamp', poll.sealsAt + 1)
      await anvil.request('evm_mine')
    },
    reconcile: (observationsFile, options = {}) =>
      Books.reconcile({
        planFolder: join(folder, 'plan'),
        historyFiles: historyFiles(folder),
        observationsFile,
        findingsFile: join(folder, 'findings.jsonl'),
        domain,
        polls: [poll],
        receiptSigner: Address.toHex(Address.fromPrivateKey(receiptKey)),
        startAtMs,
        deadlineMs: Date.now(),
        ...options,
      }),
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

function historyFiles(folder: string): HistoryFiles {
  return {
    attempts: join(folder, 'attempts.log'),
    handedOver: join(folder, 'handed-over.log'),
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

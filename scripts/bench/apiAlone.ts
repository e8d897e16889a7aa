import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Durability from '../../chain/database/Durability.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import { startPart } from '../../chain/processes/startPart.ts'
import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Machine from '../../metrics/machine/Machine.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { body } from '../../scenarios/load/feeder/body.ts'
import { presign } from '../../scenarios/presign/presign.ts'
import type { Host } from '../rig/Host.ts'
import * as Parts from '../rig/parts.ts'
import { postAll } from './api/postAll.ts'
import { median, type Benchmark } from './Benchmark.ts'
import * as Database from './chain/Database.ts'
import * as BenchRig from './chain/BenchRig.ts'
import * as Fixture from './Fixture.ts'

const ROUNDS = 5

/** Two to five seconds of the servers' CPU. */
const BALLOTS_PER_ROUND = 6000

/** As many ballots as a storm at 1,000/s has open at a time. */
const CONNECTIONS = 64

const OPENED_S = 60
const POLL_S = 86_400

const READY_TIMEOUT_MS = 60_000
const CPU_INTERVAL_MS = 500

/** What the API costs beside the work that no API can do without. */
export const apiAlone: Benchmark = {
  name: 'api-alone',
  description:
    "server CPU of a ballot: a Fastify route that parses, recovers and signs a receipt against our API with PostgreSQL's CPU",
  limit: { kind: 'least', value: 0.5, unit: 'times' },
  async measure(folder, profile) {
    const host = BenchRig.hostOf(folder, profile)
    const closing: (() => Promise<void>)[] = []
    try {
      const onClose: BenchRig.BenchRig['onClose'] = (step) => void closing.push(step)
      return await compare({ host, database: await Database.open({ host, onClose }) })
    } finally {
      for (const step of closing) await step()
      await host.close()
    }
  },
}

type Rig = { host: Host; database: Database.Database }

async function compare(rig: Rig) {
  const { bodies, poll } = await prepare(rig)
  const receiptKey = Electorate.rolePrivateKey('bench', 'receipts')
  const receiptKeyFile = rig.host.writeKey('receipts', receiptKey)
  const route = `/polls/${poll.pollId}/ballots`
  const api = await startApi(rig, receiptKeyFile)
  const bare = await startBare(rig, {
    ...Fixture.DOMAIN,
    pollId: poll.pollId,
    pollDigest: poll.pollDigest,
    sealsAt: poll.sealsAt,
    receiptKeyFile,
  })
  const rounds: { ours: Cost; bare: Cost }[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const first = round * BALLOTS_PER_ROUND
    const part = bodies.slice(first, first + BALLOTS_PER_ROUND)
    const theirs = await measure(rig, ['bare'], () => postAll(bare + route, part, CONNECTIONS))
    const our = await measure(rig, ['api', 'postgres'], () =>
      postAll(api + route, part, CONNECTIONS),
    )
    // The first round warms up both.
    if (round > 0) rounds.push({ ours: our, bare: theirs })
  }
  const storedCount = await rig.database.queued()
  if (storedCount !== bodies.length) throw new UnstoredError(storedCount, bodies.length)
  const storage = await Durability.measureStorage(rig.database.folder, () => performance.now())
  return {
    rounds: rounds.map(({ ours, bare: theirs }) => sum(theirs) / sum(ours)),
    details: [
      `CPU-s per 1,000: ours ${of(rounds, ({ ours }) => sum(ours))}`,
      `(api ${of(rounds, ({ ours }) => ours['api'] ?? 0)}, postgres ${of(rounds, ({ ours }) => ours['postgres'] ?? 0)}),`,
      `bare ${of(rounds, (round) => sum(round.bare))};`,
      `fsync ${storage.fsyncMsP50.toFixed(2)} ms (median), ${storage.fsyncMsMax.toFixed(1)} ms (most)`,
    ].join(' '),
  }
}

/** CPU-seconds for 1,000 ballots, by server process. */
type Cost = Readonly<Record<string, number>>

function sum(cost: Cost): number {
  return Object.values(cost).reduce((total, value) => total + value, 0)
}

function of<Round>(rounds: readonly Round[], value: (round: Round) => number): string {
  return median(rounds.map(value)).toFixed(2)
}

async function measure(
  { host: { supervisor } }: Rig,
  names: readonly string[],
  work: () => Promise<void>,
): Promise<Cost> {
  const machine = Machine.start({
    pids: () => supervisor.list().filter(({ name }) => names.includes(name)),
    intervalMs: CPU_INTERVAL_MS,
    wallNow: Date.now,
    monotonicNow: () => performance.now(),
  })
  try {
    await work()
  } finally {
    machine.stop()
  }
  const entries = Object.entries(machine.stop().cpuSByProcess)
  return Object.fromEntries(entries.map(([name, s]) => [name, (s * 1000) / BALLOTS_PER_ROUND]))
}

/** A poll in the database, and a signed ballot as JSON for each ballot of all rounds. */
async function prepare({ host: { folder }, database }: Rig) {
  const ballotCount = (ROUNDS + 1) * BALLOTS_PER_ROUND
  const inputs = await Fixture.inputs(folder, 'api')
  const [text] = inputs.polls
  if (text === undefined) throw new TypeError('The fixture has no poll.')
  const nowS = Math.floor(Date.now() / 1000)
  const poll = {
    ...text,
    options: [...text.options],
    pollDigest: `0x${Poll.digest(text, inputs.registerCommitment).toString('hex')}`,
    opensAt: nowS - OPENED_S,
    closesAt: nowS + POLL_S,
    sealsAt: nowS + 2 * POLL_S,
  }
  await Database.addPoll(database, poll)
  const spoolFile = join(folder, 'spool.bin')
  await presign({ ...inputs, polls: [text], ballotCount, spoolFile })
  const spool = Spool.open(spoolFile)
  const records = spool.read(0, ballotCount)
  spool.close()
  const bodies = Array.from({ length: ballotCount }, (_, index) =>
    body('api', records, index * Spool.RECORD_SIZE_BYTES.api, index).toString('latin1'),
  )
  return { bodies, poll }
}

/**
 * As in a run. No relayer takes CPU; the API believes that one will come, since its blocks seem to be
 * so slow that five of them outlast the benchmark.
 */
async function startApi({ host, database }: Rig, receiptKeyFile: string): Promise<string> {
  const { url } = await startPart(host, Parts.api, {
    postgresUrl: database.url,
    receiptKeyFile,
    ...Fixture.DOMAIN,
    registerFile: join(host.folder, 'register.bin'),
    rpcUrl: NO_NODE,
    blockTimeMs: BLOCK_TIME_MS,
  })
  return url
}

const BLOCK_TIME_MS = 60_000

/** Only tallies ask a node, and none is asked for here. */
const NO_NODE = 'http://127.0.0.1:9'

/** The reference is no part of any rig. */
function startBare({ host }: Rig, config: Record<string, unknown>): Promise<string> {
  const file = join(host.folder, 'bare.json')
  writeFileSync(file, JSON.stringify(config))
  return host.supervisor.start({
    name: 'bare',
    command: process.execPath,
    args: [
      ...(host.nodeFlags?.('bare') ?? []),
      join(import.meta.dirname, 'api/bareServer.ts'),
      file,
    ],
    ready: Readiness.line,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
}

/** An API that does not store what it acknowledges is cheap. */
class UnstoredError extends BallotstormError {
  override readonly name = 'apiAlone.UnstoredError'
  readonly code = 'BENCH_UNSTORED'
  readonly exitCode = 107
  readonly remedy = 'Run `npm run storm -- run smoke`: its books name the ballots.'
  constructor(storedCount: number, acknowledgedCount: number) {
    super(
      `The API acknowledged ${acknowledgedCount} ballots, and ${storedCount} are in the database: its cost says nothing.`,
    )
  }
}

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import * as Prng from '../../scenarios/population/Prng.ts'
import type { Violations } from './exactlyOnce.ts'
import type { System } from './system.ts'
import { until, type Child } from './systemChild.ts'
import * as Voters from './systemVoters.ts'

const TARGETS = ['relayer', 'relayer-2', 'api', 'postgres', 'validator'] as const
const RELAYERS = ['relayer', 'relayer-2'] as const
export type Target = (typeof TARGETS)[number]

/** One SIGKILL, and the proof that it hit something. */
export type Kill = {
  target: Target
  /** After the start of the load. */
  atMs: number
  /** How long it stayed dead. */
  downMs: number
  /** What was under way: batches, or requests. */
  work: number
  /** What `work` counts. */
  evidence: string
}

export type Options = {
  seed: string
  /** How often each part is killed; the order is drawn from the seed. */
  kills: Partial<Record<Target, number>>
  ratePerS: number
  voters: number
  /** A mutant in place of the relayer. */
  relayerMain?: string | undefined
  /** A mutant that loses ballots never drains. @default 40_000 */
  drainTimeoutMs?: number | undefined
}

export type Result = {
  kills: Kill[]
  isDrained: boolean
  acknowledged: number
  unanswered: number
  violations: Violations
  /** For a person who wonders why: what voters were told besides 202, and what relayers said. */
  refusals: ReadonlyMap<string, number>
  relayerOutput: string
}

/** Short, so that batches are taken over while their relayer is down. */
const LEASE_MS = 1000
/** Some deaths are shorter than a lease, some longer. */
const DOWN_MS_MAX = 2500
/** Between two kills. */
const PAUSE_MS_MAX = 300
const DRAIN_TIMEOUT_MS = 40_000
/** A batch that moved so lately is still under way, also where a query takes its time. */
const FRESH_S = 0.5
/** Work must come while voters cast; on a busy machine it takes longer. */
const PATIENCE_MS = 120_000

/** All that a kill needs to know. */
type Fire = {
  system: System
  voters: Voters.Voters
  /** Kills a part, and proves after its death that it hit work; undefined for the right moment. */
  children: Map<Target, Child>
  restart: Map<Target, () => Promise<void>>
  validatorIndex: number
  later: (() => Promise<void>)[]
}

/**
 * Puts a whole system under load, kills its parts by a seeded list, each while it has work under
 * way, starts them again, lets it drain, and checks from the chain alone.
 */
export async function underFire(system: System, options: Options): Promise<Result> {
  const children = new Map<Target, Child>()
  const restart = new Map<Target, () => Promise<void>>()
  const outputs: string[] = []
  for (const instance of RELAYERS) {
    const file = system.relayerConfig(instance, { leaseMs: LEASE_MS, batchBallotsMax: 100 })
    const main = options.relayerMain
    restart.set(instance, async () => {
      outputs.push(children.get(instance)?.output() ?? '')
      children.set(instance, await system.startRelayer(file, main === undefined ? {} : { main }))
    })
  }
  const apiConfig = await system.apiConfig()
  restart.set('api', async () => void children.set('api', await system.startApi(apiConfig)))
  for (const start of restart.values()) await start()
  restart.set('postgres', () => system.postgres.restart())

  const voters = Voters.start({
    url: children.get('api')?.url ?? '',
    pollId: system.poll.pollId,
    ballot: (voter) => (voter < options.voters ? system.ballots(voter, 1)[0] : undefined),
    ratePerS: options.ratePerS,
  })
  const fire: Fire = { system, voters, children, restart, validatorIndex: 0, later: [] }
  const kills = await killAll(fire, options)
  await voters.finish()
  const isDrained = await system.drained(options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS).then(
    () => true,
    () => false,
  )
  for (const prove of fire.later) await prove()
  for (const instance of RELAYERS) outputs.push(children.get(instance)?.output() ?? '')
  const acknowledged = voters.acknowledged()
  const unanswered = voters.unanswered()
  return {
    kills,
    isDrained,
    acknowledged: acknowledged.length,
    unanswered: unanswered.length,
    violations: await system.violations(acknowledged, unanswered),
    refusals: voters.refusals(),
    relayerOutput: outputs.join('\n'),
  }
}

async function killAll(fire: Fire, { seed, kills }: Options): Promise<Kill[]> {
  const draw = Prng.create(seed, 'kills')
  const targets = TARGETS.flatMap((target) =>
    Array.from({ length: kills[target] ?? 0 }, () => ({ target, order: draw() })),
  )
  const startMs = performance.now()
  const done: Kill[] = []
  await sleep(1500)
  for (const { target } of targets.toSorted((a, b) => a.order - b.order)) {
    await sleep(draw() * PAUSE_MS_MAX)
    const downMs = Math.round(draw() * DOWN_MS_MAX)
    const kill = {
      target,
      downMs,
      atMs: Math.round(performance.now() - startMs),
      work: 0,
      evidence: '',
    }
    done.push(kill)
    await killers[target](fire, kill)
    await sleep(downMs)
    await fire.restart.get(target)?.()
  }
  return done
}

type Killer = (fire: Fire, kill: Kill) => Promise<void>

const killers: Record<Target, Killer> = {
  relayer: killRelayer,
  'relayer-2': killRelayer,
  api: killApi,
  postgres: killPostgres,
  validator: killValidator,
}

/** Batches that it left behind between claim and block, counted after its death. */
async function killRelayer({ system, children }: Fire, kill: Kill): Promise<void> {
  const underWay = async (youngerThanS: number): Promise<number> => {
    const { rows } = await system.pool.query<{ count: number }>(
      `select count(*)::int as count from batches
       where relayer = $1 and state in ('claimed', 'signed', 'sent')
         and updated_at > now() - make_interval(secs => $2)`,
      [kill.target, youngerThanS],
    )
    return rows[0]?.count ?? 0
  }
  const hasWork = async (): Promise<boolean> => (await underWay(FRESH_S)) > 0
  await until(`${kill.target} has work`, hasWork, WORK_TIMEOUT_MS).catch(() =>
    // Whoever claims first may claim all; a relayer that stands still leaves its batches to the other.
    whilePaused(others(children, kill.target), () =>
      until(`${kill.target} has work`, hasWork, PATIENCE_MS),
    ),
  )
  await children.get(kill.target)?.kill()
  kill.work = await underWay(60)
  kill.evidence = 'batches between claim and block, counted after its death'
}

/** On a busy machine one relayer may take every batch for so long. */
const WORK_TIMEOUT_MS = 10_000

function others(children: ReadonlyMap<Target, Child>, target: Target): Child[] {
  return RELAYERS.flatMap((name) => (name === target ? [] : (children.get(name) ?? [])))
}

async function whilePaused(paused: readonly Child[], work: () => Promise<void>): Promise<void> {
  for (const { pid } of paused) process.kill(pid, 'SIGSTOP')
  try {
    await work()
  } finally {
    for (const { pid } of paused) process.kill(pid, 'SIGCONT')
  }
}

/** Requests that were waiting when it died, and broke. */
async function killApi({ voters, children }: Fire, kill: Kill): Promise<void> {
  await voters.nextBurst()
  const waiting = voters.pending()
  await children.get('api')?.kill()
  await until('the requests broke', () => [...waiting].every((id) => !voters.pending().has(id)))
  kill.work = [...waiting].filter((id) => voters.broken().has(id)).length
  kill.evidence = 'requests that it left without an answer'
}

/** Requests that were waiting when it died, and wait on after its death. */
async function killPostgres({ system, voters }: Fire, kill: Kill): Promise<void> {
  const postmaster = system.postgres.pid()
  // Stopped, it forks no more; those that serve the API work on until all die in the same instant.
  process.kill(postmaster, 'SIGSTOP')
  const family = [...(await childrenOf(postmaster)), postmaster]
  await voters.nextBurst()
  const waiting = voters.pending()
  for (const pid of family) signal(pid, 'SIGKILL')
  await until('postgres is dead', () => !signal(postmaster, 0))
  kill.work = [...waiting].filter((id) => voters.pending().has(id)).length
  kill.evidence = 'requests that waited for it, and had no answer when it was dead'
}

/** False where there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')
  return children.trim().split(' ').map(Number)
}

/** Batches that were in pools when it died and got into a block only after. */
async function killValidator(fire: Fire, kill: Kill): Promise<void> {
  const { system, restart, later } = fire
  const { validators } = system
  const index = fire.validatorIndex++ % validators.count
  const mined = (hashes: readonly string[]): Promise<boolean[]> =>
    Promise.all(
      hashes.map(async (hash) => (await system.rpc('eth_getTransactionReceipt', [hash])) !== null),
    )
  let waiting: string[] = []
  await until(
    'batches are sent',
    async () => {
      const { rows } = await system.pool.query<{ transaction_hash: Buffer }>(
        `select transaction_hash from batches where state = 'sent'`,
      )
      const hashes = rows.map((row) => `0x${row.transaction_hash.toString('hex')}`)
      const isMined = await mined(hashes)
      waiting = hashes.filter((_, position) => isMined[position] === false)
      return waiting.length > 0
    },
    PATIENCE_MS,
  )
  validators.kill(index)
  restart.set('validator', () => validators.restart(index))
  kill.evidence =
    'batches sent and in no block right before its death, and mined or taken over after'
  later.push(async () => {
    // By the journal: the node that is asked above may be a block behind the one that relayers read.
    const { rows } = await system.pool.query<{ count: number }>(
      `select count(*)::int as count from batches
       where transaction_hash = any($1::bytea[]) and state in ('included', 'final', 'released')`,
      [waiting.map((hash) => Buffer.from(hash.slice(2), 'hex'))],
    )
    kill.work = rows[0]?.count ?? 0
  })
}

import * as Register from '../../scenarios/ballots/Register.ts'
import type { Service } from '../../scenarios/runtime/Process.ts'
import * as Durability from '../database/Durability.ts'
import * as Migrations from '../database/Migrations.ts'
import * as Pool from '../database/Pool.ts'
import * as Api from './Api.ts'
import * as Backlog from './Backlog.ts'
import type * as Config from './Config.ts'
import type { App } from './Context.ts'
import * as GroupCommit from './GroupCommit.ts'
import * as Metrics from './Metrics.ts'
import * as Polls from './Polls.ts'
import * as Proofs from './Proofs.ts'
import * as Tally from './Tally.ts'

/** Ballots are committed one group at a time: one connection, and one while that is being replaced. */
const COMMIT_CONNECTIONS_MAX = 2

/** For polls, receipts, backlog and readiness. */
const READ_CONNECTIONS_MAX = 8

/** What a composition root may put in other places: tests do, the product does not. */
export type Seams = { createCommits: typeof GroupCommit.create }

/** The parts as the product has them. */
const SEAMS: Seams = { createCommits: GroupCommit.create }

/**
 * Composes an API, and listens.
 *
 * @param config - from `Config.read`.
 */
export async function start(config: Config.Config, seams: Seams = SEAMS): Promise<Service> {
  const app = await compose(config, seams)
  const url = await app.listen({ host: config.host, port: config.port })
  return { url, close: () => app.close() }
}

async function compose(config: Config.Config, { createCommits }: Seams): Promise<App> {
  const url = config.postgresUrl
  const pool = Pool.create({ url, connectionsMax: READ_CONNECTIONS_MAX, name: 'api' })
  const commitPool = Pool.create({
    url,
    connectionsMax: COMMIT_CONNECTIONS_MAX,
    name: 'api commits',
  })
  const register = Register.open(config.registerFile)
  const readBacklog = config.hasRelayer ? Backlog.read : Backlog.readNone
  const backlog = await Backlog.watch((nowMs) => readBacklog(pool, nowMs), Date.now)
  const commits = createCommits({
    pool: commitPool,
    ballotsQueuedMax: config.ballotsQueuedMax,
    nowMs: () => performance.now(),
    observe: (group) => metrics.group(group),
  })
  const metrics = Metrics.create({
    queueDepth: () => commits.depth(),
    backlog: () => (Backlog.isStale(backlog.latest(), Date.now()) ? undefined : backlog.latest()),
  })
  const { verifyingContract, chainId, receiptKey, rpcUrl = '', record } = config
  const polls = Polls.create(pool, { chainId, verifyingContract })
  const app = await Api.create(
    {
      pool,
      polls,
      register,
      commits,
      backlog,
      metrics,
      receiptKey,
      record,
      readTally:
        record === 'chain'
          ? Tally.fromChain({ rpcUrl, ballotBox: verifyingContract })
          : Tally.fromDatabase(pool),
      proofs: config.givesProofs ? Proofs.create(pool) : undefined,
      blockTimeMs: config.hasRelayer ? (config.blockTimeMs ?? 0) : 0,
      unreadiness: () => unreadiness(pool, commitPool),
      now: Date.now,
    },
    config,
  )
  app.addHook('onClose', async () => {
    backlog.stop()
    await commits.drained()
    await Promise.all([pool.end(), commitPool.end()])
    register.close()
  })
  return app
}

/** Why this process should get no ballots, as sentences. */
async function unreadiness(pool: Pool.Pool, commitPool: Pool.Pool): Promise<string[]> {
  try {
    const missing = await Migrations.pending(pool)
    // Over the connections that commit: settings may differ by connection.
    const weak = Durability.problems(await Durability.readSettings(commitPool))
    return missing.length === 0 ? weak : [`Migrations are missing: ${missing.join(', ')}.`, ...weak]
  } catch (error) {
    return [`The database does not answer: ${error instanceof Error ? error.message : 'no reason'}`]
  }
}

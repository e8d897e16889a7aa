import type * as Database from './Database.ts'
import type { Lab } from './Lab.ts'
import type { Source } from './Turn.ts'

/** How a relayer carries, and the role whose account it does that with. */
export type Carriage = { carrier: Record<string, unknown>; role: string }

/** The relayer on a queue that is full before it starts and never empty while it works. */
export function drain(lab: Lab, database: Database.Database, carriage: Carriage): Source {
  return {
    async start() {
      await startRelayer(lab, database, carriage)
    },
    async stop() {
      const left = await database.queued()
      await lab.supervisor.stop('relayer')
      if (left === 0) throw new EmptyQueueError()
    },
  }
}

/** Batches of signed ballots to the lab's BallotBox. */
export function toBallotBox({ deployment }: Pick<Lab, 'deployment'>): Carriage {
  return { carrier: { kind: 'relayed', ballotBox: deployment.ballotBox }, role: 'relayer' }
}

/** Starts the relayer as a run does. */
export function startRelayer(
  lab: Lab,
  database: Database.Database,
  { carrier, role }: Carriage,
): Promise<string> {
  const { network, deployment } = lab
  return lab.startOwn('relayer', 'chain/relayer/main.ts', {
    instance: 'relayer',
    postgresUrl: database.url,
    keyFile: lab.writeKey(role),
    rpcUrls: network.rpcUrls,
    chainId: deployment.chainId,
    carrier,
    finality: network.finality,
    blockTimeMs: network.blockTimeMs,
  })
}

/** The relayer was waiting for ballots: what was measured is no capacity. */
export class EmptyQueueError extends Error {
  override readonly name = 'drain.EmptyQueueError'
  readonly code = 'BENCH_QUEUE_EMPTY'
  constructor() {
    super('The relayer emptied its queue while it was measured. Put more ballots in beforehand.')
  }
}

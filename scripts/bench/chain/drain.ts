import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import { startPart } from '../../../chain/processes/startPart.ts'
import type { Deployment } from '../../rig/deployment/Deployment.ts'
import * as Parts from '../../rig/parts.ts'
import type * as Database from './Database.ts'
import type { BenchRig } from './BenchRig.ts'
import type { Source } from './MeasuredWindow.ts'

/** The relayer on a queue that is full before it starts and never empty while it works. */
export function drain(rig: BenchRig, database: Database.Database, deployment: Deployment): Source {
  return {
    async start() {
      await startRelayer(rig, database, deployment)
    },
    async stop() {
      const left = await database.queued()
      await rig.host.supervisor.stop('relayer')
      if (left === 0) throw new EmptyQueueError()
    },
  }
}

/** Starts the relayer as a run does. */
export async function startRelayer(
  { host, stage: { network } }: BenchRig,
  database: Database.Database,
  { submission, chainId }: Deployment,
): Promise<void> {
  if (submission === undefined) throw new TypeError('Nothing is submitted to this deployment.')
  await startPart(host, Parts.relayer, {
    instance: 'relayer',
    postgresUrl: database.url,
    keyFile: host.writeKey('relayer', submission.key(1)),
    rpcUrls: network.rpcUrls,
    chainId,
    submitter: submission.submitter,
    finality: network.finality,
    blockTimeMs: network.blockTimeMs,
  })
}

/** The relayer was waiting for ballots: what was measured is no capacity. */
export class EmptyQueueError extends BallotstormError {
  override readonly name = 'drain.EmptyQueueError'
  readonly code = 'BENCH_QUEUE_EMPTY'
  readonly exitCode = 107
  readonly remedy = 'Put more ballots in beforehand.'
  constructor() {
    super('The relayer emptied its queue while it was measured.')
  }
}

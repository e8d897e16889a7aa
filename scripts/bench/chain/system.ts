import { setTimeout as sleep } from 'node:timers/promises'

import type * as Database from './Database.ts'
import { startPart } from '../../../chain/processes/startPart.ts'
import * as Parts from '../../rig/parts.ts'
import { domainOf } from './BallotPool.ts'
import { startRelayer } from './drain.ts'
import { writeKey, type BenchRig } from './BenchRig.ts'
import { storm } from './storm.ts'
import type { BallotPool } from './BallotPool.ts'
import type { Source } from './MeasuredWindow.ts'

/** Ballots that the API has and the relayer has not: gone in seconds, or something is wrong. */
const OUTBOX_TIMEOUT_MS = 30_000
const OUTBOX_POLL_MS = 200

/** The whole of `relayed`: k6 fires at the API, which stores, and the relayer carries. */
export function system(
  rig: BenchRig,
  database: Database.Database,
  load: { pool: BallotPool; ratePerS: number },
): Source {
  let source: Source | undefined
  return {
    async start() {
      const { url: api } = await startPart(rig.host, Parts.api, {
        ...domainOf(rig.deployment),
        postgresUrl: database.url,
        receiptKeyFile: writeKey(rig, 'receipts'),
        registerFile: rig.registerFile,
        rpcUrl: NO_NODE,
        blockTimeMs: rig.stage.network.blockTimeMs,
      })
      await startRelayer(rig, database, rig.deployment)
      source = storm(rig, { ...load, path: 'api', targets: [api] })
      await source.start()
    },
    async stop() {
      await source?.stop()
      await rig.host.supervisor.stop('api')
      // The next turn must not begin with what this one has left over.
      const deadlineMs = performance.now() + OUTBOX_TIMEOUT_MS
      while ((await database.queued()) > 0 && performance.now() < deadlineMs) {
        await sleep(OUTBOX_POLL_MS)
      }
      await rig.host.supervisor.stop('relayer')
    },
  }
}

/** Only tallies ask a node, and none is asked for here. */
const NO_NODE = 'http://127.0.0.1:9'

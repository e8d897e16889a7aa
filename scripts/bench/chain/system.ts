import { setTimeout as sleep } from 'node:timers/promises'

import type * as Database from './Database.ts'
import { startRelayer, toBallotBox } from './drain.ts'
import type { Lab } from './Lab.ts'
import { storm } from './storm.ts'
import type { Supply } from './Supply.ts'
import type { Source } from './Turn.ts'

/** Ballots that the API has and the relayer has not: gone in seconds, or something is wrong. */
const OUTBOX_TIMEOUT_MS = 30_000
const OUTBOX_POLL_MS = 200

/** The whole of `relayed`: k6 fires at the API, which stores, and the relayer carries. */
export function system(
  lab: Lab,
  database: Database.Database,
  load: { supply: Supply; ratePerS: number },
): Source {
  let source: Source | undefined
  return {
    async start() {
      const api = await startApi(lab, database)
      await startRelayer(lab, database, toBallotBox(lab))
      source = storm(lab, { ...load, path: 'relayed', targets: [api] })
      await source.start()
    },
    async stop() {
      await source?.stop()
      await lab.supervisor.stop('api')
      // The next turn must not begin with what this one has left over.
      const deadlineMs = performance.now() + OUTBOX_TIMEOUT_MS
      while ((await database.queued()) > 0 && performance.now() < deadlineMs) {
        await sleep(OUTBOX_POLL_MS)
      }
      await lab.supervisor.stop('relayer')
    },
  }
}

/** Starts the API as a run does. */
export function startApi(
  lab: Pick<Lab, 'startOwn' | 'writeKey' | 'registerFile' | 'domain'>,
  database: Database.Database,
  rpcUrl: string = NO_NODE,
): Promise<string> {
  const { chainId, verifyingContract } = lab.domain
  return lab.startOwn('api', 'chain/api/main.ts', {
    host: '127.0.0.1',
    port: 0,
    postgresUrl: database.url,
    receiptKeyFile: lab.writeKey('receipts'),
    chainId,
    verifyingContract,
    registerFile: lab.registerFile,
    rpcUrl,
    blockTimeMs: BLOCK_TIME_MS,
  })
}

const BLOCK_TIME_MS = 1000

/** Only tallies ask a node, and none is asked for here. */
const NO_NODE = 'http://127.0.0.1:9'

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as Pool from '../database/Pool.ts'
import * as Api from './Api.ts'
import * as Metrics from './Metrics.ts'
import * as Polls from './Polls.ts'

/** The committed description; a test compares it with the routes. */
export const FILE: string = join(import.meta.dirname, 'openapi.json')

/** The description that the routes' schemas make, as the text of {@link FILE}. */
export async function describe(): Promise<string> {
  const pool = Pool.create({ url: 'postgres://127.0.0.1', connectionsMax: 1, name: 'none' })
  const app = await Api.create(
    {
      pool,
      polls: Polls.create(pool, { chainId: 1, verifyingContract: `0x${'0'.repeat(40)}` }),
      register: { voterCount: 0, at: () => undefined, close: () => undefined },
      commits: {
        submit: () => Promise.resolve({ kind: 'refused' }),
        isFull: () => true,
        depth: () => 0,
        drained: () => Promise.resolve(),
      },
      backlog: { latest: () => undefined, stop: () => undefined },
      metrics: Metrics.create({ queueDepth: () => 0, backlog: () => undefined }),
      receiptKey: new Uint8Array(32),
      record: 'chain',
      readTally: () => Promise.resolve(undefined),
      proofs: undefined,
      blockTimeMs: 1000,
      unreadiness: () => Promise.resolve([]),
      now: () => 0,
    },
    { connectionsMax: 1, connectionsPerAddressMax: 1 },
  )
  const { body } = await app.inject({ url: '/openapi.json' })
  await app.close()
  return `${JSON.stringify(JSON.parse(body), undefined, 2)}\n`
}

/** Writes {@link FILE} anew, after a route has changed. */
export async function write(): Promise<void> {
  await writeFile(FILE, await describe())
}

import { Pool } from 'pg'

import * as Config from '../../chain/relayer/Config.ts'
import type { Batch, Journal } from '../../chain/relayer/Journal.ts'
import { SEAMS, start, type Seams } from '../../chain/relayer/start.ts'
import * as Process from '../../scenarios/runtime/Process.ts'

/**
 * The mutant without a journal: it takes ballots out of the outbox like the relayer, but keeps
 * nonces and signed transactions in memory only. What it had under way when it dies is forgotten.
 * In the database its batches look released: nobody has them, nobody looks for them.
 */
type Kept = Batch & { raw?: Buffer | undefined }

function inMemory(journal: Journal): Journal {
  const batches = new Map<number, Kept>()
  let nextNonce = 0
  const change = (batchIds: readonly number[], fields: Partial<Kept>): void => {
    for (const batchId of batchIds) {
      const batch = batches.get(batchId)
      if (batch !== undefined) batches.set(batchId, { ...batch, ...fields })
    }
  }
  const drop = (batchIds: readonly number[]): void => {
    for (const batchId of batchIds) batches.delete(batchId)
  }
  return {
    ...journal,
    async claim(size) {
      const claims = await journal.claim(size)
      await forget(claims.map(({ batchId }) => batchId))
      for (const { batchId } of claims) {
        batches.set(batchId, {
          batchId,
          state: 'claimed',
          ageMs: 0,
          nonce: undefined,
          transactionHash: undefined,
          blockNumber: undefined,
          blockHash: undefined,
        })
      }
      return claims
    },
    nextNonce: async () => nextNonce,
    async markSigned(signed) {
      for (const { batchId, nonce, raw, hash } of signed) {
        nextNonce = nonce + 1
        change([batchId], { state: 'signed', nonce, raw, transactionHash: hash })
      }
      return true
    },
    markSent: async (batchIds) => change(batchIds, { state: 'sent' }),
    markIncluded: async ({ batches: included, blockNumber, blockHash }) =>
      change(
        included.map(({ batchId }) => batchId),
        { state: 'included', blockNumber, blockHash },
      ),
    markFinal: async (batchIds) => drop(batchIds),
    markVanished: async () => [],
    unfinished: async () => [...batches.values()],
    transactionsFrom: async (from) =>
      [...batches.values()].flatMap(({ batchId, nonce, raw, transactionHash }) =>
        nonce !== undefined && nonce >= from && raw !== undefined
          ? [{ batchId, nonce, raw, hash: transactionHash ?? '' }]
          : [],
      ),
    release: async (batchIds) => drop(batchIds),
    releasedTransactions: async () => [],
  }
}

const config = Config.read(process.argv[2])
const pool = new Pool({ connectionString: config.postgresUrl, max: 1 })
pool.on('error', () => undefined)

async function forget(batchIds: number[]): Promise<void> {
  await pool.query("update batches set state = 'released' where batch_id = any($1::bigint[])", [
    batchIds,
  ])
}

const seams: Seams = {
  ...SEAMS,
  async openSession(options) {
    const session = await SEAMS.openSession(options)
    return { ...session, journal: inMemory(session.journal) }
  },
}

await Process.run(
  () => config,
  () => start(config, seams),
)

import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Rpc from '../../../scenarios/runtime/Rpc.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import type { BenchRig } from './BenchRig.ts'
import type { BallotPool } from './BallotPool.ts'
import type { Source } from './MeasuredWindow.ts'

/** Transactions in a JSON-RPC batch. */
const BATCH = 100

/**
 * Batches in flight at each node. A node enters one transaction of each batch at a time, and goes
 * through its whole pool after each entry; what comes together is entered together.
 */
const CONNECTIONS_PER_NODE = 4

/**
 * Sent and not yet mined at most: two full blocks. With less a block may stay short; with more the
 * nodes have a larger pool to go through after each entry.
 */
const UNDER_WAY_MAX = 3000

/** Pause of a sender where so many are under way, and between two looks at the chain. */
const FULL_PAUSE_MS = 10
const LOOK_INTERVAL_MS = 100

/** How hard it is sent; the defaults are the best that was found with validators as targets. */
export type Options = { connections?: number | undefined; underWayMax?: number | undefined }

/**
 * The reference: signed single-ballot transactions as JSON-RPC batches over kept-alive connections,
 * some to each validator, with nobody in between.
 */
export function rawSender(
  rig: BenchRig,
  pool: BallotPool,
  { connections = CONNECTIONS_PER_NODE, underWayMax = UNDER_WAY_MAX }: Options = {},
): Source {
  let sending: Promise<unknown> | undefined
  let stopping = new AbortController()
  return {
    async start() {
      stopping = new AbortController()
      const { signal } = stopping
      const [first = ''] = rig.stage.network.rpcUrls
      // By the node's own word: a witness that lags would slow the reference down.
      const mined = await countTransactions(first)
      let sent = 0
      const work = async (url: string): Promise<void> => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        while (!signal.aborted) {
          if (sent - mined.count() > underWayMax - BATCH) {
            await sleep(FULL_PAUSE_MS)
            continue
          }
          sent += BATCH
          assertAccepted(await post(url, agent, bodyOf(pool.take(BATCH), BATCH)))
        }
        agent.destroy()
      }
      const look = async (): Promise<void> => {
        for (; !signal.aborted; await sleep(LOOK_INTERVAL_MS)) await mined.look()
      }
      const senders = rig.stage.network.rpcUrls.flatMap((url) =>
        Array.from({ length: connections }, () => work(url)),
      )
      sending = Promise.all([look(), ...senders])
      // Whoever stops the source hears of a failure there.
      sending.catch(() => stopping.abort())
    },
    async stop() {
      stopping.abort()
      await sending
    },
  }
}

/** Counts what a node puts into blocks from now on; on the lab's network all of it is ours. */
async function countTransactions(url: string) {
  const height = async (): Promise<number> =>
    Number(await Rpc.call(url, { method: 'eth_blockNumber' }, Rpc.Quantity, PATIENT))
  let known = await height()
  let count = 0
  return {
    count: () => count,
    async look(): Promise<void> {
      for (const top = await height(); known < top; known += 1) {
        const params = [`0x${(known + 1).toString(16)}`]
        const call = { method: 'eth_getBlockTransactionCountByNumber', params }
        count += Number(await Rpc.call(url, call, Rpc.Quantity, PATIENT))
      }
    },
  }
}

/** A JSON-RPC batch that sends the transactions of so many records of a direct spool. */
export function bodyOf(records: Buffer, count: number): string {
  const calls = Array.from({ length: count }, (_, index) => {
    const raw = Spool.decodeTransaction(records, index * Spool.RECORD_SIZE_BYTES.rpc)
    return `{"jsonrpc":"2.0","id":${index},"method":"eth_sendRawTransaction","params":["0x${raw.toString('hex')}"]}`
  })
  return `[${calls.join(',')}]`
}

/** @throws {RefusedError} where a node refuses one: then ballots are missing from the count. */
export function assertAccepted(answer: string): void {
  if (answer.includes('"error"') || !answer.startsWith('[')) throw new RefusedError(answer)
}

function post(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
      response.once('error', reject)
    })
    outgoing.setTimeout(REQUEST_TIMEOUT_MS, () => {
      outgoing.destroy(new Error(`${url} gave no answer in ${REQUEST_TIMEOUT_MS} ms.`))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

/** A node under full load takes seconds; one that takes longer stands still. */
const REQUEST_TIMEOUT_MS = 30_000
const PATIENT = { timeoutMs: REQUEST_TIMEOUT_MS }

/** A node did not take a ballot of the reference. */
export class RefusedError extends BallotstormError {
  override readonly name = 'rawSender.RefusedError'
  readonly code = 'BENCH_BLAST_REFUSED'
  readonly exitCode = 107
  readonly remedy = 'See the log of the node.'
  constructor(answer: string) {
    super(`A node refused ballots of the blast: ${answer.slice(0, 300)}`)
  }
}

import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import type * as Pool from '../../../chain/database/Pool.ts'
import { freePort } from '../../../chain/processes/freePort.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import { ballotBox } from '../../../scenarios/ballots/Contract.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const NOW_S = Math.floor(Date.now() / 1000)

let postgres: Postgres.Postgres
let pool: Pool.Pool
let node: Server
/** The timestamp of the node's latest block. */
let chainTimeS = 0
let api: Api.Api

beforeAll(async () => {
  postgres = await Postgres.start()
  pool = Postgres.connect(postgres.url)
  await Polls.insert(pool, [
    City.poll(1, NOW_S),
    { ...City.poll(2, NOW_S), opensAt: NOW_S + 300 },
    { ...City.poll(3, NOW_S), closesAt: NOW_S - 20, sealsAt: NOW_S - 10 },
    City.poll(4, NOW_S),
    // Nothing is sealed so soon after closing: two blocks fit only just.
    { ...City.poll(5, NOW_S), sealsAt: NOW_S + 600 },
  ])
  node = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { method }: { method: string } = JSON.parse(body)
      const result =
        method === 'eth_call'
          ? ballotBox.encodeFunctionResult('tally', [[7, 0, 300]])
          : { number: '0x10', timestamp: `0x${chainTimeS.toString(16)}` }
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
    })
  })
  const port = await freePort()
  await new Promise<void>((resolve) => node.listen(port, '127.0.0.1', resolve))
  api = await Api.start(postgres.url, { rpcUrl: `http://127.0.0.1:${port}` })
})

afterAll(async () => {
  await api.dispose()
  await pool.end()
  await postgres.dispose()
  node.close()
})

function vote(pollId: number, voterIndex: number, choice: number): Promise<Api.Answer> {
  return api.call('POST', `/polls/${pollId}/ballots`, City.ballot(pollId, voterIndex, choice))
}

/** The value of one line of the metrics. */
async function metric(line: string): Promise<number> {
  const { text } = await api.call('GET', '/metrics')
  const found = text.split('\n').find((other) => other.startsWith(`${line} `))
  return Number(found?.slice(line.length))
}

describe('POST /polls/{pollId}/ballots', () => {
  test('default: 202 with a receipt that the API has signed', async () => {
    const { status, json } = await vote(1, 0, 1)
    expect(status).toBe(202)
    const { receipt } = json
    if (receipt === undefined) throw new TypeError('no receipt')
    expect(Receipt.signer(receipt)).toEqual(Address.fromPrivateKey(City.RECEIPT_KEY))
    expect(receipt.sealsAt).toBe(NOW_S + 660)
    expect(Math.abs(receipt.acceptedAtMs - Date.now())).toBeLessThan(5000)
  })

  test('behavior: the same ballot gets the same receipt, byte for byte', async () => {
    const first = await vote(1, 1, 1)
    await sleep(5)
    const second = await vote(1, 1, 1)
    expect(second.status).toBe(202)
    expect(second.text).toBe(first.text)
  })

  test('error: 409 for another ballot of the same voter', async () => {
    await vote(1, 2, 1)
    const { status, json } = await vote(1, 2, 0)
    expect([status, json.code]).toEqual([409, 'ALREADY_VOTED'])
    expect((await vote(4, 2, 0)).status).toBe(202)
  })

  test.each([
    [400, 'MALFORMED', 1, { ...City.ballot(1, 3, 0), choice: '0' }],
    [400, 'MALFORMED', 1, { ...City.ballot(1, 3, 0), extra: 1 }],
    [
      400,
      'MALFORMED',
      1,
      { ...City.ballot(1, 3, 0), voter: City.ballot(1, 3, 0).voter.toUpperCase() },
    ],
    [400, 'MALFORMED', 1, '{"voter":'],
    [400, 'MALFORMED', 0, City.ballot(1, 3, 0)],
    [404, 'POLL_UNKNOWN', 99, City.ballot(99, 3, 0)],
    [403, 'POLL_NOT_OPEN', 2, City.ballot(2, 3, 0)],
    [410, 'POLL_CLOSED', 3, City.ballot(3, 3, 0)],
    [422, 'CHOICE_OUT_OF_RANGE', 1, City.ballot(1, 3, 3)],
    [422, 'SIGNATURE_INVALID', 1, City.ballot(4, 3, 0)],
    [403, 'VOTER_NOT_REGISTERED', 1, City.ballot(1, Api.VOTERS, 0)],
    [413, 'BODY_TOO_LARGE', 1, { padding: 'x'.repeat(2048) }],
  ])('error: %i %s', async (status, code, pollId, body) => {
    const answer = await api.call('POST', `/polls/${pollId}/ballots`, body)
    expect([answer.status, answer.json.code]).toEqual([status, code])
    expect(answer.text).not.toMatch(/ {4}at |node_modules|\.ts:/)
  })

  test('behavior: every answer is counted once, by its code', async () => {
    const kept = 'ballotstorm_api_ballots_acknowledged_total{kind="new"}'
    const repeated = 'ballotstorm_api_ballots_acknowledged_total{kind="repeat"}'
    const refused = 'ballotstorm_api_ballots_refused_total{code="POLL_CLOSED"}'
    const before = [await metric(kept), await metric(repeated), await metric(refused)]
    await vote(4, 10, 0)
    await vote(4, 10, 0)
    await vote(3, 10, 0)
    const after = [await metric(kept), await metric(repeated), await metric(refused)]
    expect(after.map((count, index) => count - (before[index] ?? Number.NaN))).toEqual([1, 1, 1])
  })
})

describe('GET /receipts/{id}', () => {
  test('default: from acknowledged to final, or refused', async () => {
    const { json } = await vote(1, 20, 2)
    const path = `/receipts/${json.receipt?.ballotHash}`
    expect((await api.call('GET', path)).json).toEqual({
      state: 'acknowledged',
      receipt: json.receipt,
    })
    const { rows } = await pool.query<{ batch_id: string }>(
      `insert into batches (relayer, state, lease_until, nonce, raw_transaction, transaction_hash, block_number)
       values ('test', 'sent', now(), 0, '\\x00', decode(repeat('ab', 32), 'hex'), 12) returning batch_id`,
    )
    const batchId = rows[0]?.batch_id
    await pool.query('update ballots set batch_id = $1 where voter_index = 20 and poll_id = 1', [
      batchId,
    ])
    expect((await api.call('GET', path)).json.state).toBe('acknowledged')
    for (const state of ['included', 'final']) {
      await pool.query('update batches set state = $1 where batch_id = $2', [state, batchId])
      expect((await api.call('GET', path)).json).toEqual({
        state,
        receipt: json.receipt,
        block: 12,
        transaction: `0x${'ab'.repeat(32)}`,
      })
    }
    await pool.query('update ballots set skip_reason = 7 where batch_id = $1', [batchId])
    expect((await api.call('GET', path)).json).toMatchObject({
      state: 'refused',
      skipReason: 'already voted',
    })
  })

  test('error: 404 for a ballot that nobody acknowledged, 400 for no hash', async () => {
    expect((await api.call('GET', `/receipts/0x${'1'.repeat(64)}`)).status).toBe(404)
    expect((await api.call('GET', '/receipts/1')).status).toBe(400)
  })
})

describe('GET /polls', () => {
  test('default: page by page', async () => {
    const page = async (query: string) => {
      const { json } = await api.call('GET', `/polls${query}`)
      return json.polls?.map(({ pollId }) => pollId)
    }
    expect(await page('')).toEqual([1, 2, 3, 4, 5])
    expect(await page('?limit=2')).toEqual([1, 2])
    expect(await page('?limit=2&after=2')).toEqual([3, 4])
    expect((await api.call('GET', '/polls?limit=101')).status).toBe(400)
  })

  test.each(['4294967296', '9223372036854775808', '1e30', '-1', 'x'])(
    'boundary: after=%s is a client’s mistake',
    async (after) => {
      const { status, json } = await api.call('GET', `/polls?after=${after}`)
      expect([status, json.code]).toEqual([400, 'MALFORMED'])
    },
  )

  test('boundary: after the last poll that can be there is none', async () => {
    const { status, json } = await api.call('GET', '/polls?after=4294967295')
    expect([status, json.polls]).toEqual([200, []])
  })

  test('behavior: one poll', async () => {
    const { status, text } = await api.call('GET', '/polls/1')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ pollId: 1, options: ['Yes', 'No', 'Neither'] })
    expect((await api.call('GET', '/polls/99')).json.code).toBe('POLL_UNKNOWN')
  })
})

describe('GET /polls/{pollId}/tally', () => {
  test('default: what the chain counted, once a block later than sealsAt exists', async () => {
    chainTimeS = NOW_S - 10
    const early = await api.call('GET', '/polls/3/tally')
    expect([early.status, early.json.code]).toEqual([403, 'TALLY_NOT_SEALED'])
    chainTimeS = NOW_S - 9
    const { text } = await api.call('GET', '/polls/3/tally')
    expect(JSON.parse(text)).toEqual({ pollId: 3, votes: [7, 0, 300], blockNumber: 16 })
  })

  test('error: 403 while the poll is open, whatever the chain says', async () => {
    chainTimeS = NOW_S + 10_000
    expect((await api.call('GET', '/polls/1/tally')).status).toBe(403)
    expect((await api.call('GET', '/polls/99/tally')).status).toBe(404)
  })

  test('error: 503 where the node does not answer', async () => {
    const alone = await Api.start(postgres.url)
    const answer = await alone.call('GET', '/polls/3/tally')
    expect([answer.status, answer.json.code]).toEqual([503, 'CHAIN_UNREACHABLE'])
    await alone.dispose()
  })
})

describe('service routes', () => {
  test('default', async () => {
    expect((await api.call('GET', '/healthz')).json).toEqual({ alive: true })
    expect((await api.call('GET', '/readyz')).json).toEqual({ ready: true, reasons: [] })
    expect((await api.call('GET', '/nothing')).json.code).toBe('ROUTE_UNKNOWN')
    expect((await api.call('GET', '/openapi.json')).text).toContain('/polls/{pollId}/ballots')
  })
})

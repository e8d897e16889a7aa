import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const PER_ADDRESS = 20

/** What the API promises for a whole request, and what may pass until it looks. */
const [REQUEST_MS, SLACK_MS] = [10_000, 15_000]

let postgres: Postgres.Postgres
let api: Api.Api
let port: number
const sockets: Socket[] = []

beforeAll(async () => {
  postgres = await Postgres.start()
  const pool = Postgres.connect(postgres.url)
  await Polls.insert(pool, [City.poll(1, Math.floor(Date.now() / 1000))])
  await pool.end()
  api = await Api.start(postgres.url, { connectionsPerAddressMax: PER_ADDRESS })
  port = Number(new URL(api.url).port)
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await api.dispose()
  await postgres.dispose()
})

/** A client of an address of its own; all of 127.0.0.0/8 is this machine. */
function open(localAddress: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined)
  sockets.push(socket)
  return socket
}

/** Sends `head` at once, then a byte every half second; when and with which words it was ended. */
async function trickle(
  localAddress: string,
  head: string,
): Promise<{ tookMs: number; text: string }> {
  const socket = open(localAddress)
  let text = ''
  socket.on('data', (data) => (text += String(data)))
  const startedAt = performance.now()
  socket.write(head)
  const timer = setInterval(() => socket.write('x'), 500)
  await once(socket, 'close')
  clearInterval(timer)
  return { tookMs: performance.now() - startedAt, text }
}

const LINE = 'POST /polls/1/ballots HTTP/1.1\r\nhost: x\r\n'

describe.concurrent('slow requests', () => {
  test.each([
    ['headers', `${LINE}x-slow: `],
    ['a body', `${LINE}content-type: application/json\r\ncontent-length: 2000\r\n\r\n{`],
  ])('behavior: %s that come a byte at a time are dropped after ten seconds', async (_, head) => {
    const { tookMs, text } = await trickle('127.0.0.5', head)
    expect(text).toContain('408')
    expect(tookMs).toBeGreaterThan(REQUEST_MS - 100)
    expect(tookMs).toBeLessThan(REQUEST_MS + SLACK_MS)
  })
})

describe('connections', () => {
  test('behavior: who holds all that one address may have shuts nobody else out', async () => {
    const held = Array.from({ length: PER_ADDRESS }, () => open('127.0.0.6'))
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const further = open('127.0.0.6')
    await once(further, 'close')
    expect(held.every(({ destroyed }) => !destroyed)).toBe(true)
    expect((await api.call('GET', '/polls/1')).status).toBe(200)
    // Whoever goes makes room.
    for (const socket of held.slice(0, 1)) socket.destroy()
    await expect.poll(() => answers('127.0.0.6')).toBe(true)
    const { text } = await api.call('GET', '/metrics')
    expect(text).toMatch(/ballotstorm_api_connections_refused_total\{bound="address"\} [1-9]/)
    expect(text).toContain('ballotstorm_api_connections_refused_total{bound="all"} 0')
  })
})

/** Whether a new connection of this address gets an answer. */
async function answers(localAddress: string): Promise<boolean> {
  const socket = open(localAddress)
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let text = ''
  socket.on('data', (data) => (text += String(data)))
  await once(socket, 'close')
  return text.includes('200 OK')
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { afterEach, describe, expect, test } from 'vitest'

import { postAll } from '../../../../scripts/bench/api/postAll.ts'

let close: (() => void) | undefined
afterEach(() => close?.())

/** Takes every body but `bad`, and remembers over which connections they came. */
async function serve() {
  const bodies: string[] = []
  const ports = new Set<number | undefined>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    bodies.push(body)
    ports.add(request.socket.remotePort)
    response.writeHead(body === 'bad' ? 422 : 202).end('{}')
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, bodies, ports }
}

describe('postAll', () => {
  test('default: each body once, over no more connections than were asked for', async () => {
    const { url, bodies, ports } = await serve()
    const sent = Array.from({ length: 50 }, (_, index) => `body ${index}`)
    await postAll(url, sent, 3)
    expect(bodies.toSorted()).toEqual(sent.toSorted())
    expect(ports.size).toBe(3)
  })

  test('error: a refusal, which would cost a server less than a ballot', async () => {
    const { url } = await serve()
    await expect(postAll(url, ['good', 'bad'], 1)).rejects.toMatchObject({
      code: 'BENCH_POST_REFUSED',
    })
  })
})

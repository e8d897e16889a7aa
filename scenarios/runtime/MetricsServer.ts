import { createServer, type ServerResponse } from 'node:http'

import type { Registry } from 'prom-client'

import { listen as open, type Listening } from './listen.ts'

/** Connections at once: a scraper or two, and a curious person. */
const CONNECTIONS_MAX = 16

/** Serves `GET /metrics`, and nothing else; port 0 takes a free one. */
export function listen(registry: Registry, port: number, host?: string): Promise<Listening> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/metrics') void answer(registry, response)
    else response.writeHead(404).end()
  })
  server.maxConnections = CONNECTIONS_MAX
  return open(server, port, host)
}

/** Answers with everything that a registry holds; for a server that has other paths too. */
export async function answer(registry: Registry, response: ServerResponse): Promise<void> {
  try {
    const text = await registry.metrics()
    response.writeHead(200, { 'content-type': registry.contentType }).end(text)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}

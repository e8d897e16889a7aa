import { createServer } from 'node:http'

import type { Registry } from 'prom-client'

import { listen as open } from '../../scenarios/load/listen.ts'

/** Serves `GET /metrics` on the loopback interface; port 0 takes a free one. */
export function listen(
  registry: Registry,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  return open(server, port)
}

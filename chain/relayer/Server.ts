import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running server of the relayer's metrics. */
export type Server = { url: string; close(): Promise<void> }

/** Connections at once: a scraper or two, and a curious person. */
const CONNECTIONS_MAX = 16

/** Serves `GET /metrics`, and nothing else. */
export async function listen(options: {
  host: string
  port: number
  text: () => Promise<string>
}): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    options.text().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  return {
    url: `http://${options.host}:${isPort(address) ? address.port : options.port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isPort(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

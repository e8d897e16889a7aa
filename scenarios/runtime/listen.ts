import type { Server } from 'node:http'

/** Connections that are still busy so long after the server closes are cut. */
const CLOSE_MS_MAX = 2000

/** A server that listens. */
export type Listening = { url: string; close(): Promise<void> }

/**
 * Opens a server.
 *
 * @param port - 0 takes a free one.
 * @param host - the loopback interface where none is named.
 */
export async function listen(
  server: Server,
  port: number,
  host: string = '127.0.0.1',
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host}:${boundPort}`,
    async close() {
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
      clearTimeout(cut)
    },
  }
}

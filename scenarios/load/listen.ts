import type { Server } from 'node:http'

/** Connections that are still busy so long after the server closes are cut. */
const CLOSE_MS_MAX = 2000

/**
 * Opens a server on the loopback interface.
 *
 * @param port - 0 takes a free one.
 */
export async function listen(
  server: Server,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${boundPort}`,
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

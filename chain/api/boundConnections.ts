import type { Server } from 'node:net'

/** Connections at once: all, and those of one address. */
export type Bounds = { connectionsMax: number; connectionsPerAddressMax: number }

/** Why a connection was closed as it came. */
export type Bound = 'all' | 'address'

/**
 * Bounds the connections of a server, of all and of each address: whoever holds many open must not shut
 * out those who come once. Memory: an entry for each address that has one open.
 *
 * @param refused - called with each connection that is closed as it comes.
 */
export function boundConnections(
  server: Server,
  { connectionsMax, connectionsPerAddressMax }: Bounds,
  refused: (bound: Bound) => void,
): void {
  const open = new Map<string, number>()
  server.maxConnections = connectionsMax
  server.on('drop', () => refused('all'))
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? 'gone'
    const count = open.get(address) ?? 0
    if (count >= connectionsPerAddressMax) {
      refused('address')
      socket.destroy()
      return
    }
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

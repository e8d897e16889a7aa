import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/**
 * Below the range from which Linux takes the ports of outgoing connections (32,768 upwards): else a
 * killed process might find its port taken by some client when it comes back.
 */
const PORT_MIN = 20_000
const PORT_MAX = 32_000

/** More failures in a row mean that something else is wrong. */
const ATTEMPTS_MAX = 200

/**
 * A loopback port on which nobody listens. As long as this process lives it is handed out only once,
 * to this or any other process of the machine: its owner may not listen yet.
 *
 * @throws {@link NoFreePortError}
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX)
    if ((await isFree(port)) && (await reserve(port))) return port
  }
  throw new NoFreePortError()
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** An abstract socket is a lock that no file keeps: the kernel drops it with the process. */
async function reserve(port: number): Promise<boolean> {
  const lock = createServer()
  try {
    lock.listen(`\0ballotstorm-port-${port}`)
    await once(lock, 'listening')
    lock.unref()
    return true
  } catch {
    return false
  }
}

/** No port could be had. */
export class NoFreePortError extends BallotstormError {
  override readonly name = 'freePort.NoFreePortError'
  readonly code = 'NO_FREE_PORT'
  readonly exitCode = 107
  readonly remedy = 'See with `ss -ltn` what listens there, and stop it.'
  constructor() {
    super(`No port is free on 127.0.0.1 between ${PORT_MIN} and ${PORT_MAX}.`)
  }
}

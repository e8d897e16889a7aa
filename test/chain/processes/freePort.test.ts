import { once } from 'node:events'
import { createServer } from 'node:net'

import { describe, expect, test } from 'vitest'

import { freePort } from '../../../chain/processes/freePort.ts'

describe('freePort', () => {
  test('default', async () => {
    const port = await freePort()
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(server.address()).toMatchObject({ port, address: '127.0.0.1' })
    server.close()
  })

  test('behavior: no port twice, none from the range of outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 100 }, freePort))
    expect(new Set(ports).size).toBe(100)
    expect(Math.max(...ports)).toBeLessThan(32_768)
  })
})

import { describe, expect, test } from 'vitest'

import * as TargetGate from '../../../chain/networks/TargetGate.ts'

const PERMISSION: TargetGate.Permission = {
  host: '10.0.0.7',
  port: 8545,
  chainId: 8995,
  genesisHash: `0x${'ab'.repeat(32)}`,
  expiresAt: '2026-12-31T00:00:00Z',
}
const BEFORE_MS = Date.parse('2026-12-30T00:00:00Z')

describe('open', () => {
  test('default', async () => {
    const { url, permission } = await TargetGate.open('http://127.0.0.1:8545', [], BEFORE_MS)
    expect({ url, permission }).toEqual({ url: 'http://127.0.0.1:8545', permission: undefined })
  })

  test('behavior: an entry lets its host and port pass', async () => {
    const target = await TargetGate.open('http://10.0.0.7:8545', [PERMISSION], BEFORE_MS)
    expect(target.permission).toEqual(PERMISSION)
  })

  test('behavior: the connected address is checked again', async () => {
    const { transport } = await TargetGate.open('http://localhost:1', [], BEFORE_MS)
    expect(() => transport.onConnect?.('127.0.0.1')).not.toThrow()
    expect(() => transport.onConnect?.('::ffff:127.0.0.1')).not.toThrow()
    expect(() => transport.onConnect?.('10.0.0.7')).toThrow(TargetGate.NotAllowedError)
  })

  test.each([
    ['another port', 'http://10.0.0.7:8546', BEFORE_MS],
    ['another host', 'http://10.0.0.8:8545', BEFORE_MS],
    ['expired', 'http://10.0.0.7:8545', Date.parse(PERMISSION.expiresAt)],
  ])('error: %s', async (_, url, nowMs) => {
    await expect(TargetGate.open(url, [PERMISSION], nowMs)).rejects.toMatchObject({
      code: 'TARGET_NOT_ALLOWED',
    })
  })
})

describe('isLoopback', () => {
  test.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'])('default: %s', (address) => {
    expect(TargetGate.isLoopback(address)).toBe(true)
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', '192.168.0.1', '128.0.0.1', '::ffff:10.0.0.1', 'x', ''])(
    'behavior: not %s',
    (address) => expect(TargetGate.isLoopback(address)).toBe(false),
  )
})

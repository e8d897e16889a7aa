import { createServer } from 'node:http'

import { describe, expect, onTestFinished, test } from 'vitest'

import { listen } from '../../../scenarios/runtime/listen.ts'
import * as Rpc from '../../../scenarios/runtime/Rpc.ts'

/** A server that answers each request with the same text; `undefined` answers nothing. */
async function serve(text: string | undefined): Promise<string> {
  const server = createServer((_, response) => {
    if (text !== undefined) response.end(text)
  })
  const listening = await listen(server, 0)
  onTestFinished(() => listening.close())
  return listening.url
}

const CALLS = [{ method: 'first' }, { method: 'second' }]

describe('batch', () => {
  test('default: in the order of the calls, with refusals and gaps', async () => {
    const answers = [{ id: 1, error: { message: 'no' } }, { id: 7, result: '0x7' }, 'nonsense']
    const url = await serve(JSON.stringify(answers))
    expect(await Rpc.batch(url, CALLS)).toEqual([undefined, { error: 'no' }])
  })

  test('behavior: one call is sent and answered by itself, also without an id', async () => {
    const url = await serve('{"id":null,"error":{"message":"parse error"}}')
    expect(await Rpc.batch(url, CALLS.slice(1))).toEqual([{ error: 'parse error' }])
  })

  test('behavior: a connection is used again', async () => {
    let connections = 0
    const server = createServer((_, response) => response.end('[]'))
    server.on('connection', () => (connections += 1))
    const listening = await listen(server, 0)
    onTestFinished(() => listening.close())
    const { url } = listening
    for (let index = 0; index < 3; index += 1) await Rpc.batch(url, CALLS, { isKeptAlive: true })
    expect(connections).toBe(1)
  })

  test.each([
    ['no JSON', '<html>', 'JSON'],
    ['no answer in time', undefined, 'no answer within 50 ms'],
  ])('error: %s', async (_, text, words) => {
    const answer = Rpc.batch(await serve(text), CALLS, { timeoutMs: 50 })
    await expect(answer).rejects.toThrow(Rpc.CallError)
    // Most calls are made under way; who connects first makes 104 of it.
    await expect(answer).rejects.toMatchObject({ exitCode: 107 })
    await expect(answer).rejects.toThrow(words)
  })
})

import { createServer } from 'node:http'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { listen } from '../../scenarios/runtime/listen.ts'

export type Call = Static<typeof Call>
export type Answer = { result: unknown } | { error: { message: string } }

const Call = Type.Object({
  id: Type.Unknown(),
  method: Type.String(),
  params: Type.Array(Type.Unknown()),
})

/** Serves JSON-RPC on the loopback interface, single calls and batches. */
export async function start(
  answer: (call: Call) => Answer | Promise<Answer>,
): Promise<{ url: string; close(): Promise<void> }> {
  const serve = async (body: string): Promise<string> => {
    const asked: unknown = JSON.parse(body)
    const calls = Value.Parse(Type.Array(Call), Array.isArray(asked) ? asked : [asked])
    const answers = await Promise.all(
      calls.map(async (call) => ({ jsonrpc: '2.0', id: call.id, ...(await answer(call)) })),
    )
    return JSON.stringify(Array.isArray(asked) ? answers : answers[0])
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      serve(Buffer.concat(chunks).toString('utf8')).then(
        (told) => response.end(told),
        () => response.destroy(),
      )
    })
  })
  const listening = await listen(server, 0)
  return {
    url: listening.url,
    async close() {
      server.closeAllConnections()
      await listening.close()
    },
  }
}

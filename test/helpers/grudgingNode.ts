import { createServer, type IncomingMessage } from 'node:http'

import { Transaction } from 'ethers'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { listen } from '../../scenarios/runtime/listen.ts'
import { call } from './rpcCall.ts'

/** A node whose pool takes only so many transactions of an account that are in no block. */
export type GrudgingNode = { url: string; refused(): number; close(): Promise<void> }

const Call = Type.Object({
  id: Type.Unknown(),
  method: Type.String(),
  params: Type.Array(Type.Unknown()),
})

/** Stands before a real node. */
export async function start(nodeUrl: string, perAccountMax: number): Promise<GrudgingNode> {
  let refusedCount = 0

  async function answer({ id, method, params }: Static<typeof Call>): Promise<object> {
    if (method === 'eth_sendRawTransaction') {
      const { from, nonce } = Transaction.from(String(params[0]))
      const mined = Number(await call(nodeUrl, 'eth_getTransactionCount', [from, 'latest']))
      if (nonce >= mined + perAccountMax) {
        refusedCount += 1
        return { jsonrpc: '2.0', id, error: { code: -32000, message: 'txpool is full' } }
      }
    }
    try {
      return { jsonrpc: '2.0', id, result: await call(nodeUrl, method, params) }
    } catch (error) {
      return { jsonrpc: '2.0', id, error: { code: -32000, message: String(error) } }
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const asked: unknown = JSON.parse(await text(request))
      const answers: object[] = []
      const calls = Array.isArray(asked) ? asked : [asked]
      for (const each of Value.Parse(Type.Array(Call), calls)) answers.push(await answer(each))
      response.end(JSON.stringify(Array.isArray(asked) ? answers : answers[0]))
    })()
  })
  const listening = await listen(server, 0)
  return {
    url: listening.url,
    refused: () => refusedCount,
    async close() {
      server.closeAllConnections()
      await listening.close()
    },
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

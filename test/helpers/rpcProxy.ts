import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { listen } from '../../scenarios/runtime/listen.ts'

/** A JSON-RPC proxy on the loopback interface: what lies or fails between a reader and its node. */
export type RpcProxy = {
  url: string
  /** What is done to every answer from now on; `undefined` passes them on as they are. */
  rewrite(rewrite: Rewrite | undefined): void
  /** Calls that are answered here from now on, and never reach the node; `undefined` lets all pass. */
  intercept(intercept: Intercept | undefined): void
  /** How requests fail from now on; `undefined` serves them. */
  fail(fault: Fault | undefined): void
  /** Calls that came since the start, by method. */
  calls: Map<string, number>
  close(): Promise<void>
}

/** One call with its result; gives the result that the reader gets, or a promise of it. */
export type Rewrite = (
  call: { method: string; params: readonly unknown[] },
  result: unknown,
) => unknown

/** Gives the result of a call that the node shall not see; `undefined` lets it pass. */
export type Intercept = (call: { method: string; params: readonly unknown[] }) => unknown

/** Cuts the connection, never answers, answers with a page of text, with status 502, or with null. */
export type Fault = 'cut' | 'hang' | 'garbage' | 'status' | 'null'

const Call = Type.Object({
  jsonrpc: Type.String(),
  id: Type.Unknown(),
  method: Type.String(),
  params: Type.Optional(Type.Array(Type.Unknown())),
})
const Answer = Type.Object({ id: Type.Unknown(), result: Type.Optional(Type.Unknown()) })

type Call = Static<typeof Call>
type Answer = Static<typeof Answer>

export async function start(targetUrl: string): Promise<RpcProxy> {
  let rewriter: Rewrite | undefined
  let interceptor: Intercept | undefined
  let failing: Fault | undefined
  const calls = new Map<string, number>()

  const answer = async (body: string): Promise<unknown> => {
    const request: unknown = JSON.parse(body)
    const isBatch = Array.isArray(request)
    const asked = Value.Parse(Type.Array(Call), isBatch ? request : [request])
    for (const { method } of asked) calls.set(method, (calls.get(method) ?? 0) + 1)
    const taken = asked.flatMap((one) => {
      const result = interceptor?.({ params: [], ...one })
      return result === undefined ? [] : { id: one.id, result }
    })
    const passed = asked.filter(({ id }) => taken.every((one) => one.id !== id))
    const seen = failing === 'null' ? passed.map(nothing) : await forward(targetUrl, passed)
    const answers = [...taken, ...seen]
    const told = answers.map((one) => rewritten(one, asked, rewriter))
    const all = await Promise.all(told)
    return isBatch ? all : all[0]
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    if (failing === 'hang') return
    if (failing === 'cut') return void request.socket.destroy()
    if (failing === 'status') return void response.writeHead(502).end()
    if (failing === 'garbage') return void response.end('<html>no gateway</html>')
    response.end(JSON.stringify(await answer(body)))
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  const listening = await listen(server, 0)
  return {
    url: listening.url,
    calls,
    rewrite(rewrite) {
      rewriter = rewrite
    },
    intercept(intercept) {
      interceptor = intercept
    },
    fail(fault) {
      failing = fault
      if (fault === 'hang' || fault === 'cut') server.closeIdleConnections()
    },
    async close() {
      server.closeAllConnections()
      await listening.close()
    },
  }
}

async function forward(targetUrl: string, calls: readonly Call[]): Promise<Answer[]> {
  if (calls.length === 0) return []
  const response = await fetch(targetUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls),
  })
  return Value.Parse(Type.Array(Answer), await response.json())
}

async function rewritten(
  answer: Answer,
  asked: readonly Call[],
  rewrite: Rewrite | undefined,
): Promise<Answer> {
  const call = asked.find(({ id }) => id === answer.id)
  if (rewrite === undefined || call === undefined || !('result' in answer)) return answer
  return { ...answer, result: await rewrite({ params: [], ...call }, answer.result) }
}

function nothing({ id }: Call): Answer {
  return { id, result: null }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

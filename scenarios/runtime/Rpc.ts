import {
  request as requestHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { request as requestHttps } from 'node:https'

import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from './BallotstormError.ts'

/** One JSON-RPC call. It follows no redirect and knows no proxy. */
export type Call = {
  method: string
  params?: readonly unknown[] | undefined
}

/** How the connection is made; a gate in front of the target goes here. */
export type Transport = Pick<RequestOptions, 'lookup'> & {
  /** @default 5_000 */
  timeoutMs?: number | undefined
  /** Called with the address that was connected, before anything is sent; may throw. */
  onConnect?: ((remoteAddress: string) => void) | undefined
  /** Whether connections are used again; never behind a gate, which looks at each. @default false */
  isKeptAlive?: boolean | undefined
}

/** What a node said to one call: the result, or why it refused. */
export type Answer = { result: unknown } | { error: string }

const TIMEOUT_MS_DEFAULT = 5_000

/** A block full of transactions is 10 MB; more is no answer to what we ask. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024

const AnswerSchema = Type.Object({
  id: Type.Optional(Type.Unknown()),
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Object({ message: Type.String() })),
})

/**
 * Calls a node and checks the shape of what it answers.
 *
 * @throws {@link CallError}
 */
export async function call<Schema extends TSchema>(
  url: string,
  asked: Call,
  schema: Schema,
  transport: Transport = {},
): Promise<Static<Schema>> {
  return exchange({ url, asked }, schema, async (body) => {
    const answer = await post(url, body, transport)
    if (answer.status !== 200) throw new Error(`HTTP status ${answer.status}`)
    return answer.body
  })
}

/**
 * Makes several calls in one request.
 *
 * @returns the answers in the order of the calls; `undefined` where the node gave none.
 * @throws {@link CallError} where the node does not answer, or answers no JSON.
 */
export async function batch(
  url: string,
  calls: readonly Call[],
  transport: Transport = {},
): Promise<(Answer | undefined)[]> {
  const bodies = calls.map(({ method, params = [] }, id) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
  }))
  const isOne = bodies.length === 1
  let told: unknown
  try {
    told = JSON.parse((await post(url, JSON.stringify(isOne ? bodies[0] : bodies), transport)).body)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CallError(url, calls[0]?.method ?? 'nothing', reason)
  }
  const answers: (Answer | undefined)[] = calls.map(() => undefined)
  for (const each of Array.isArray(told) ? told : [told]) {
    if (!Value.Check(AnswerSchema, each)) continue
    // A node that cannot read a request names no id.
    const id = isOne ? 0 : each.id
    if (typeof id !== 'number' || !(id in answers)) continue
    answers[id] = each.error === undefined ? { result: each.result } : { error: each.error.message }
  }
  return answers
}

/**
 * Asks by any way that carries a text there and a text back, and checks the shape of the answer.
 *
 * @param question - `url` names the node in errors.
 * @throws {@link CallError}
 */
export async function exchange<Schema extends TSchema>(
  { url, asked: { method, params = [] } }: { url: string; asked: Call },
  schema: Schema,
  send: (body: string) => Promise<string>,
): Promise<Static<Schema>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  let answer: unknown
  try {
    answer = JSON.parse(await send(body))
  } catch (error) {
    throw new CallError(url, method, error instanceof Error ? error.message : String(error))
  }
  if (!Value.Check(AnswerSchema, answer)) throw new CallError(url, method, 'no JSON-RPC answer')
  if (answer.error !== undefined) throw new CallError(url, method, answer.error.message)
  const { result } = answer
  if (!Value.Check(schema, result)) {
    throw new CallError(url, method, `unexpected result ${JSON.stringify(result)?.slice(0, 200)}`)
  }
  return result
}

/** A number as nodes write it. */
export const Quantity = Type.String({ pattern: '^0x[0-9a-fA-F]+$' })

/** The fields of a block that networks are judged by. */
export const Block = Type.Object({
  number: Quantity,
  hash: Type.String(),
  timestamp: Quantity,
  gasLimit: Quantity,
  miner: Type.String(),
  mixHash: Type.Optional(Type.String()),
  extraData: Type.Optional(Type.String()),
  baseFeePerGas: Type.Optional(Quantity),
})

/**
 * Posts a text.
 *
 * @throws where no answer comes in time, or one that is too long.
 */
export async function post(
  url: string,
  body: string,
  transport: Transport = {},
): Promise<{ status: number; body: string; headers: IncomingHttpHeaders }> {
  const { timeoutMs = TIMEOUT_MS_DEFAULT } = transport
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await request(new URL(url), body, transport, signal)
    const { statusCode: status = 0, headers } = response
    return { status, body: await readAll(response), headers }
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${timeoutMs} ms`, { cause: error })
    throw error
  }
}

function request(
  url: URL,
  body: string,
  { lookup, onConnect, isKeptAlive = false }: Transport,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers,
      signal,
      ...(isKeptAlive ? {} : { agent: false }),
      ...(lookup === undefined ? {} : { lookup }),
    })
    outgoing.once('error', reject)
    outgoing.once('response', resolve)
    if (onConnect === undefined) {
      outgoing.end(body)
      return
    }
    outgoing.once('socket', (socket) => {
      socket.once('connect', () => {
        try {
          onConnect(socket.remoteAddress ?? '')
          outgoing.end(body)
        } catch (error) {
          outgoing.destroy(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A node did not answer, or refused, or answered something else. */
export class CallError extends BallotstormError {
  override readonly name = 'Rpc.CallError'
  readonly code = 'RPC_CALL'
  readonly exitCode = 107
  readonly remedy = 'Check that a node serves JSON-RPC there, and see its log.'
  constructor(url: string, method: string, reason: string) {
    super(`${method} at ${url} failed: ${reason}.`)
  }
}

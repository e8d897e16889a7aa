import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'

import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

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
}

const TIMEOUT_MS_DEFAULT = 5_000

/** A block full of transactions is 10 MB; more is no answer to what we ask. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024

const AnswerSchema = Type.Object({
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
  return exchange({ url, asked }, schema, (body) => post(new URL(url), body, transport))
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
  baseFeePerGas: Type.Optional(Quantity),
})

function post(url: URL, body: string, transport: Transport): Promise<string> {
  const { lookup, onConnect, timeoutMs = TIMEOUT_MS_DEFAULT } = transport
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const signal = AbortSignal.timeout(timeoutMs)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      headers,
      signal,
      agent: false,
      ...(lookup === undefined ? {} : { lookup }),
    })
    request.once('error', (error) => {
      reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error)
    })
    request.once('response', (response) => {
      readAll(response).then(resolve, reject)
    })
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        try {
          onConnect?.(socket.remoteAddress ?? '')
          request.end(body)
        } catch (error) {
          request.destroy(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`HTTP status ${response.statusCode}`)
  }
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
export class CallError extends Error {
  override readonly name = 'Rpc.CallError'
  readonly code = 'RPC_CALL'
  constructor(url: string, method: string, reason: string) {
    super(`${method} at ${url} failed: ${reason}. Check that a node serves JSON-RPC there.`)
  }
}

import { Type } from 'typebox'
import { Compile } from 'typebox/compile'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/** One question to a node. */
export type Call = { method: string; params: readonly unknown[] }

/** A node that is asked by JSON-RPC over HTTP. */
export type Rpc = {
  url: string
  /** Host and port: what metrics and logs call the node, without any credentials of the URL. */
  name: string
  /**
   * Asks everything in one batch.
   *
   * @returns the results in the order of the calls.
   * @throws {RpcError} where the node cannot be reached, is late, or answers with an error.
   */
  ask(calls: readonly Call[]): Promise<unknown[]>
}

/** What can go wrong with a question; the label of the error counter. */
export type ErrorKind = 'connection' | 'timeout' | 'status' | 'malformed' | 'refused'

/** A busy node takes seconds for a full block; one that takes longer is as good as down. */
export const TIMEOUT_MS = 5000

/** A block of 60M gas is about 3 MB as JSON; what is far larger is no block of ours. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024

const Answers = Compile(
  Type.Array(
    Type.Object({
      id: Type.Integer(),
      result: Type.Optional(Type.Unknown()),
      error: Type.Optional(Type.Object({ message: Type.String() })),
    }),
  ),
)

/** A node at a URL; nothing is sent yet. */
export function connect(url: string, timeoutMs: number = TIMEOUT_MS): Rpc {
  return {
    url,
    name: new URL(url).host,
    async ask(calls) {
      const body = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))
      const answers = parse(url, await post(url, JSON.stringify(body), timeoutMs))
      return calls.map(({ method }, id) => {
        const answer = answers.find((candidate) => candidate.id === id)
        if (answer === undefined) throw new RpcError('malformed', url, `no answer to ${method}`)
        if (answer.error !== undefined) throw new RpcError('refused', url, answer.error.message)
        return answer.result
      })
    },
  }
}

async function post(url: string, body: string, timeoutMs: number): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) throw new RpcError('status', url, `HTTP status ${response.status}`)
    return await bounded(response, url)
  } catch (error) {
    if (error instanceof RpcError) throw error
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    if (isLate) throw new RpcError('timeout', url, `no answer within ${timeoutMs} ms`)
    throw new RpcError('connection', url, causeOf(error))
  }
}

async function bounded(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > ANSWER_BYTES_MAX) throw new RpcError('malformed', url, 'too long an answer')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(url: string, text: string): ReturnType<typeof Answers.Parse> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RpcError('malformed', url, 'the answer is not JSON')
  }
  if (!Answers.Check(value)) throw new RpcError('malformed', url, 'the answer is no JSON-RPC batch')
  return value
}

/** `fetch` says only "fetch failed"; the cause says why. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** A node cannot be reached, is late, or answers witness or audit with an error. */
export class RpcError extends BallotstormError {
  override readonly name = 'Rpc.RpcError'
  readonly code = 'RPC'
  readonly exitCode = 107
  readonly remedy = 'Check that the node runs, and see its log.'
  readonly kind: ErrorKind
  constructor(kind: ErrorKind, url: string, reason: string) {
    super(`The node ${new URL(url).host} gave no usable answer (${kind}): ${reason}.`)
    this.kind = kind
  }
}

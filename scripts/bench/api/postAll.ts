import { Agent, request } from 'node:http'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'

/** A server that is silent this long stands still. */
const TIMEOUT_MS = 30_000

/**
 * Posts all bodies over so many kept-alive connections, one after the other on each.
 *
 * @throws {RefusedError} where an answer is not 202: a refusal costs less than a ballot.
 * @throws {UnansweredError} where none comes.
 */
export async function postAll(
  url: string,
  bodies: readonly string[],
  connections: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let next = 0
  const work = async (): Promise<void> => {
    while (next < bodies.length) {
      const body = bodies[next] ?? ''
      next += 1
      await post(url, agent, body)
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, work))
  } finally {
    agent.destroy()
  }
}

function post(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => (text += chunk))
      response.once('error', (cause) => reject(new UnansweredError(url, cause)))
      response.once('end', () => {
        if (response.statusCode === 202) resolve()
        else reject(new RefusedError(response.statusCode, text))
      })
    })
    outgoing.setTimeout(TIMEOUT_MS, () => {
      outgoing.destroy(new Error(`nothing in ${TIMEOUT_MS} ms`))
    })
    outgoing.once('error', (cause) => reject(new UnansweredError(url, cause)))
    outgoing.end(body)
  })
}

/** A server did not take a ballot. */
export class RefusedError extends BallotstormError {
  override readonly name = 'postAll.RefusedError'
  readonly code = 'BENCH_POST_REFUSED'
  readonly exitCode = 107
  readonly remedy = 'See the log of the API.'
  constructor(status: number | undefined, text: string) {
    super(`The server answered a good ballot with ${status}: ${text.slice(0, 300)}`)
  }
}

/** A server gave no answer, or half of one. */
export class UnansweredError extends BallotstormError {
  override readonly name = 'postAll.UnansweredError'
  readonly code = 'BENCH_POST_UNANSWERED'
  readonly exitCode = 107
  readonly remedy = 'See the log of the API.'
  constructor(url: string, cause: Error) {
    super(`${url} did not answer a good ballot (${cause.message}).`, { cause })
  }
}

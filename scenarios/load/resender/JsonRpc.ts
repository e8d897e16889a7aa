import * as Rpc from '../../runtime/Rpc.ts'

/** A node that is silent this long is left for another. */
const TRANSPORT = { timeoutMs: 5000, isKeptAlive: true } as const

/**
 * Sends one JSON-RPC request.
 *
 * @returns the HTTP status and the answer's text; status 0 where none came, and then the reason.
 */
export async function post(
  url: string,
  payload: unknown,
): Promise<{ status: number; body: string }> {
  try {
    return await Rpc.post(url, JSON.stringify(payload), TRANSPORT)
  } catch (error) {
    return { status: 0, body: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * The results of several calls in one request, in the order of the calls; `undefined` where the
 * node gave none.
 */
export async function batch(url: string, calls: readonly Rpc.Call[]): Promise<unknown[]> {
  const answers = await Rpc.batch(url, calls, TRANSPORT).catch(() => [])
  return calls.map((_, index) => {
    const answer = answers[index]
    return answer !== undefined && 'result' in answer ? answer.result : undefined
  })
}

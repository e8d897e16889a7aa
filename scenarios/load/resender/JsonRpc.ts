/** One call of a batch. */
export type Call = { method: string; params: readonly unknown[] }

/** A node that is silent this long is left for another. */
const TIMEOUT_MS = 5000

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
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { status: 0, body: cause instanceof Error ? cause.message : String(cause) }
  }
}

/**
 * The results of several calls in one request, in the order of the calls; `undefined` where the
 * node gave none.
 */
export async function batch(url: string, calls: readonly Call[]): Promise<unknown[]> {
  const { body } = await post(
    url,
    calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })),
  )
  const results: unknown[] = calls.map(() => undefined)
  for (const answer of parseList(body)) {
    if (typeof answer !== 'object' || answer === null || !('id' in answer)) continue
    if ('result' in answer && typeof answer.id === 'number') results[answer.id] = answer.result
  }
  return results
}

function parseList(body: string): unknown[] {
  try {
    const answers: unknown = JSON.parse(body)
    return Array.isArray(answers) ? answers : []
  } catch {
    return []
  }
}

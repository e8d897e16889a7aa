/** A JSON-RPC call. */
export async function call(rpcUrl: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer: unknown = await response.json()
  if (isRecord(answer) && isRecord(answer['error'])) {
    throw new Error(`${method}: ${String(answer['error']['message'])}`)
  }
  return isRecord(answer) ? answer['result'] : undefined
}

/** Whether it has fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

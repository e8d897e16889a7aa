import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** What a readiness check may look at. */
export type Context = {
  pid: number
  /** Aborted at the deadline and when the process ends. */
  signal: AbortSignal
  /** What the process wrote since this start. */
  readLog(): Promise<string>
}

/** The line by which each process of ours says that it serves. */
const LineSchema = Type.Object({ ready: Type.Literal(true), url: Type.String() })

const POLL_INTERVAL_MS = 50

/** For our own processes: waits for the line `{"ready":true,"url":"…"}` and gives the URL. */
export function line(context: Context): Promise<string> {
  return until(context, async () => {
    const complete = (await context.readLog()).split('\n').slice(0, -1)
    return complete.map(parseLine).find((url) => url !== undefined)
  })
}

/**
 * Asks again and again until there is an answer. A probe that throws has no answer yet.
 *
 * @param probe - gives `undefined` while the process is not ready.
 * @throws the signal's reason at the deadline.
 */
export async function until<Info>(
  { signal }: Pick<Context, 'signal'>,
  probe: () => Promise<Info | undefined>,
): Promise<Info> {
  for (;;) {
    signal.throwIfAborted()
    const info = await probe().catch(() => undefined)
    if (info !== undefined) return info
    await sleep(POLL_INTERVAL_MS)
  }
}

function parseLine(text: string): string | undefined {
  if (!text.startsWith('{"ready":')) return undefined
  const value: unknown = JSON.parse(text)
  return Value.Check(LineSchema, value) ? value.url : undefined
}

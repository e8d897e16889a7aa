import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { restore, type BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

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

/** The line by which it says why it does not, or no longer. */
const LastWordsSchema = Type.Object({
  ready: Type.Literal(false),
  error: Type.Object({ message: Type.String() }, { additionalProperties: true }),
})

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

/** For our own processes: the error of which one has died, where its log tells one. */
export function lastWords(name: string, log: string): BallotstormError | undefined {
  const words = log.split('\n').map(parse)
  const last = words.findLast((value) => Value.Check(LastWordsSchema, value))
  return last && restore({ ...last.error, message: `${name} ended: ${last.error.message}` })
}

function parseLine(text: string): string | undefined {
  const value = parse(text)
  return Value.Check(LineSchema, value) ? value.url : undefined
}

function parse(text: string): unknown {
  if (!text.startsWith('{"ready":')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Who is killed may leave half a line.
    return undefined
  }
}

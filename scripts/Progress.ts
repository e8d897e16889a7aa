import { styleText } from 'node:util'

/**
 * What a person watches while a run works: lines on stderr, so that stdout stays for results. In a
 * terminal the current step is rewritten in place; elsewhere each step is one line.
 */
export type Progress = {
  /** A step begins; it ends with the next one or with {@link Progress.done}. */
  step(text: string): void
  /** How far the current step is; rewritten in place, or dropped where there is no terminal. */
  update(text: string): void
  /** A line that stays, whatever comes. */
  note(text: string): void
  done(): void
  /** The current step came to nothing: it is not ticked. */
  fail(): void
}

/** Where nobody watches. */
export const SILENT: Progress = {
  step: () => undefined,
  update: () => undefined,
  note: () => undefined,
  done: () => undefined,
  fail: () => undefined,
}

/** Lines without a terminal come at most this often for one step. */
const LINE_INTERVAL_MS = 10_000

/**
 * @param now - monotonic milliseconds.
 */
export function create(stream: NodeJS.WriteStream, now: () => number): Progress {
  let current: { text: string; startedMs: number; shownMs: number } | undefined
  const clear = (): void => {
    if (stream.isTTY) stream.write('\r\u001b[2K')
  }
  const end = (colour: 'green' | 'red', mark: string): void => {
    if (current === undefined) return
    clear()
    const tookS = ((now() - current.startedMs) / 1000).toFixed(1)
    stream.write(`${paint(colour, mark, stream)} ${current.text} (${tookS} s)\n`)
    current = undefined
  }
  const done = (): void => end('green', '✓')
  return {
    done,
    fail: () => end('red', '✗'),
    step(text) {
      done()
      current = { text, startedMs: now(), shownMs: now() }
      if (stream.isTTY) stream.write(`… ${text}`)
    },
    update(text) {
      if (current === undefined) return
      if (stream.isTTY) {
        clear()
        stream.write(`… ${current.text}: ${text}`.slice(0, Math.max(20, stream.columns - 1)))
      } else if (now() - current.shownMs >= LINE_INTERVAL_MS) {
        current.shownMs = now()
        stream.write(`… ${current.text}: ${text}\n`)
      }
    },
    note(text) {
      clear()
      stream.write(`${text}\n`)
    },
  }
}

/** Coloured where the stream is a terminal and NO_COLOR is unset. */
export function paint(
  colour: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream,
): string {
  return styleText(colour, text, { stream, validateStream: true })
}

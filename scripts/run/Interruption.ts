import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'

/** Ctrl-C and SIGTERM as something that a run can wait for and ask about. */
export type Interruption = {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** The given work, or {@link InterruptedError} as soon as the user interrupts. */
  race<Value>(work: Promise<Value>): Promise<Value>
  /** Gives the signals back. */
  close(): void
}

/**
 * Listens for the signals. The first one lets the run end in order; the second one calls `force`.
 *
 * @param force - ends everything at once; it must not wait.
 */
export function listen(force: () => void): Interruption {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) force()
    else controller.abort(new InterruptedError())
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new InterruptedError()), {
      once: true,
    })
  })
  // Nobody may be racing when the signal comes; the flag tells it all the same.
  aborted.catch(() => undefined)
  return {
    signal: controller.signal,
    race: (work) => Promise.race([work, aborted]),
    close: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}

/** The user interrupted a run. */
export class InterruptedError extends BallotstormError {
  override readonly name = 'Interruption.InterruptedError'
  readonly code = 'INTERRUPTED'
  readonly exitCode = 105
  readonly remedy = 'Repeat the command to run from the beginning.'
  constructor() {
    super('Interrupted.')
  }
}

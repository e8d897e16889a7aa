import type { Interruption } from '../../scripts/run/Interruption.ts'

/** For runs within a test: nobody interrupts. */
export function uninterrupted(): Interruption {
  const { signal } = new AbortController()
  return { signal, race: (work) => work, close: () => undefined }
}

import type { Fault } from './Fault.ts'

/** Freezes a part (SIGSTOP), as a machine that swaps or a long collection of garbage does. */
export const pause: Fault = {
  description: 'is paused',
  async inject(part) {
    part.pause()
  },
  async heal(part) {
    part.resume()
  },
}

import type { Fault } from './Fault.ts'

/** Ends a part without a warning (SIGKILL), and starts it again at the same address. */
export const kill: Fault = {
  description: 'is killed',
  async inject(part) {
    await part.kill()
  },
  async heal(part) {
    await part.restart()
  },
}

import { setTimeout as sleep } from 'node:timers/promises'

import * as Rpc from '../rpc/Rpc.ts'

/** A batch of full blocks from a node that seals at the same time takes its while. */
const TIMEOUT_MS = 30_000

const ATTEMPTS_MAX = 3
const PAUSE_MS = 250

/** A node that is asked again when it is busy or away; in the end the error stands. */
export function connect(url: string): Rpc.Rpc {
  const node = Rpc.connect(url, TIMEOUT_MS)
  return {
    ...node,
    async ask(calls) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
          return await node.ask(calls)
        } catch (error) {
          // What a node refuses it will refuse again.
          const isFinal = !(error instanceof Rpc.RpcError) || error.kind === 'refused'
          if (isFinal || attempt === ATTEMPTS_MAX) throw error
          // oxlint-disable-next-line no-await-in-loop -- the pause is the point
          await sleep(PAUSE_MS * 2 ** attempt)
        }
      }
    },
  }
}

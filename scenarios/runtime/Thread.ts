import { Worker, type ResourceLimits, type Transferable } from 'node:worker_threads'

import { BallotstormError, restore } from './BallotstormError.ts'

/** A thread of this process that answers questions in the order in which they are asked. */
export type Thread<Question, Answer> = {
  /** Questions that it has not answered. */
  waiting(): number
  /**
   * @param handedOver - buffers of the question that are gone here afterwards; others are copied.
   * @throws what the thread threw, an error of ours with its code, exit code and remedy; or
   * {@link EndedError}.
   */
  ask(question: Question, handedOver?: readonly Transferable[]): Promise<Answer>
  /** Resolves when what was asked is answered and the thread is gone. */
  close(): Promise<void>
}

export type Options = {
  /** The module that the thread runs; it calls `serve`. */
  module: URL
  /** What it begins with. */
  data: unknown
  /** @default Node's own */
  resourceLimits?: ResourceLimits | undefined
}

/** Sent in place of a question: there are no more. */
export const END = null

export function start<Question, Answer>(options: Options): Thread<Question, Answer> {
  const worker = new Worker(options.module, {
    workerData: options.data,
    ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    // Flags of the parent, for example of a debugger or a test runner, are not for it.
    execArgv: [],
  })
  const asked: PromiseWithResolvers<Answer>[] = []
  let ended: { reason: unknown } | undefined
  const end = (reason: unknown): void => {
    ended ??= { reason }
    for (const { reject } of asked.splice(0)) reject(ended.reason)
  }
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  worker.on('message', (answer: Answer) => asked.shift()?.resolve(answer))
  // Its own fields survive the way, its class does not.
  worker.on('error', (reason) => end(restore(reason) ?? reason))
  worker.once('exit', () => end(new EndedError()))
  return {
    waiting: () => asked.length,
    ask(question, handedOver = []) {
      const answer = Promise.withResolvers<Answer>()
      if (ended === undefined) {
        asked.push(answer)
        worker.postMessage(question, handedOver)
      } else answer.reject(ended.reason)
      return answer.promise
    },
    async close() {
      // Never `terminate`: it aborts the whole process where it meets the thread in native code.
      worker.postMessage(END, [])
      await exited
    },
  }
}

/** A thread ended without a word; what was asked of it has no answer. */
export class EndedError extends BallotstormError {
  override readonly name = 'Thread.EndedError'
  readonly code = 'THREAD_ENDED'
  readonly exitCode = 107
  readonly remedy = 'Check that the machine has memory left, and repeat the command.'
  constructor() {
    super('A thread ended before its work was done.')
  }
}

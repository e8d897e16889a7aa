import { setImmediate } from 'node:timers/promises'
import { parentPort, type Transferable } from 'node:worker_threads'

import { END } from './Thread.ts'

/** How a thread answers. */
export type Service<Question, Answer> = {
  answer(question: Question): Answer | Promise<Answer>
  /** Buffers of the answer that are gone here afterwards. @default none */
  handedOver?: ((answer: Answer) => readonly Transferable[]) | undefined
  close?: (() => void) | undefined
}

/** Answers what the other end of `Thread` asks, one question after the other, until it says the end. */
export function serve<Question, Answer>(service: Service<Question, Answer>): void {
  const reply = async (before: Promise<void>, question: Question | typeof END): Promise<void> => {
    await before
    // Messages that wait are delivered without a turn of the event loop between them; but only a turn
    // frees what native hashing and signing leave behind, half a kilobyte for each.
    await setImmediate()
    if (question === END) {
      service.close?.()
      parentPort?.close()
      return
    }
    const value = await service.answer(question)
    parentPort?.postMessage(value, service.handedOver?.(value) ?? [])
  }
  let last = Promise.resolve()
  parentPort?.on('message', (question: Question | typeof END) => {
    last = reply(last, question)
  })
}

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import type * as Rpc from '../witness/Rpc.ts'
import * as Block from './Block.ts'
import * as Signatures from './Signatures.ts'

/** Who does the work that needs no order: reading blocks, and recovering signers. */
export type Hands = {
  /** Threads; 0 where the calling one does everything. */
  count: number
  perform<Kind extends Task['kind']>(task: TaskOf<Kind>): Promise<Results[Kind]>
  close(): Promise<void>
}

/** Each needs nothing but what is in it. */
export type Task =
  | { kind: 'read'; node: number; numbers: number[]; subject: Block.Subject }
  | { kind: 'recover'; work: Signatures.Work }

type TaskOf<Kind extends Task['kind']> = Extract<Task, { kind: Kind }>

/** The answers, by kind of task. */
export type Results = { read: Block.Facts[]; recover: Signatures.Signed }

/** A thread's answer: never an error object, whose class would not survive the way. */
export type Answer = { result: Results[Task['kind']] } | { problem: string }

/** A thread takes about 80 MB, most of it the blocks in its hands. */
export const THREADS_MAX = 64

/** Does everything in the calling thread: for a chain that is read sooner than a thread starts. */
export function local(nodes: readonly Rpc.Rpc[]): Hands {
  return {
    count: 0,
    perform: (task) => perform(nodes, task),
    close: async () => {},
  }
}

/**
 * Starts threads.
 *
 * @param count - 1 to {@link THREADS_MAX}. @default the machine's cores, at most 8
 */
export function threads(
  rpcUrls: readonly string[],
  count: number = Math.min(8, availableParallelism()),
): Hands {
  const all = Array.from({ length: Math.min(count, THREADS_MAX) }, () => thread(rpcUrls))
  return {
    count: all.length,
    perform(task) {
      const [idlest] = all.toSorted((a, b) => a.waiting() - b.waiting())
      if (idlest === undefined) throw new RangeError('There is no thread.')
      return idlest.perform(task)
    },
    async close() {
      await Promise.all(all.map((one) => one.close()))
    },
  }
}

/** Does a task here and now; the threads call this too. */
export async function perform<Kind extends Task['kind']>(
  nodes: readonly Rpc.Rpc[],
  task: TaskOf<Kind>,
): Promise<Results[Kind]> {
  const done: { [K in Task['kind']]: (given: TaskOf<K>) => Promise<Results[K]> | Results[K] } = {
    read({ node, numbers, subject }) {
      const asked = nodes[node]
      if (asked === undefined) throw new RangeError(`There is no node ${node}.`)
      return Block.read(asked, numbers, subject)
    },
    recover: ({ work }) => Signatures.recover(work),
  }
  return done[task.kind](task)
}

type Thread = Pick<Hands, 'perform' | 'close'> & { waiting(): number }

function thread(rpcUrls: readonly string[]): Thread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: rpcUrls,
    // Flags of the parent, for example of a debugger or a test runner, are not for it.
    execArgv: [],
  })
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  // A thread answers in the order in which it was asked.
  const asked: PromiseWithResolvers<Results[Task['kind']]>[] = []
  const fail = (reason: unknown): void => {
    for (const { reject } of asked.splice(0)) reject(reason)
  }
  worker.on('message', (answer: Answer) => {
    const first = asked.shift()
    if ('result' in answer) first?.resolve(answer.result)
    else first?.reject(new UnansweredError(answer.problem))
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new UnansweredError('A thread ended before its work was done.')))
  return {
    waiting: () => asked.length,
    async perform<Kind extends Task['kind']>(task: TaskOf<Kind>): Promise<Results[Kind]> {
      const answer = Promise.withResolvers<Results[Task['kind']]>()
      asked.push(answer)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage(task)
      return (await answer.promise) as Results[Kind]
    },
    async close() {
      // Never `terminate`: it aborts the whole process where it meets the thread in native code.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage(null)
      await exited
    },
  }
}

/** A node could not be asked to the end: nothing is known about what it did not tell. */
export class UnansweredError extends Error {
  override readonly name = 'Hands.UnansweredError'
  readonly code = 'AUDIT_UNANSWERED'
}

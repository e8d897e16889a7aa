import { availableParallelism } from 'node:os'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Thread from '../../scenarios/runtime/Thread.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import * as Block from './Block.ts'
import * as Signatures from './Signatures.ts'

/** Who does the work that needs no order: reading blocks, and recovering signers. */
export type WorkerPool = {
  /** Threads; 0 where the calling one does everything. */
  count: number
  /**
   * Reads blocks from a node, by its place among the nodes.
   *
   * @throws {UnansweredError} and Rpc.RpcError where it gives no answer.
   */
  read(node: number, numbers: readonly number[], subject: Block.Subject): Promise<Block.Facts[]>
  recover(work: Signatures.Work): Promise<Signatures.Signed>
  close(): Promise<void>
}

/** What a thread is asked; each needs nothing but what is in it. */
export type Task =
  | { kind: 'read'; node: number; numbers: readonly number[]; subject: Block.Subject }
  | { kind: 'recover'; work: Signatures.Work }

/** Its answer; an error that was thrown would end the thread. */
export type Answer =
  | { kind: 'read'; facts: Block.Facts[] }
  | { kind: 'recover'; signed: Signatures.Signed }
  | { kind: 'problem'; problem: string }

/** A thread takes about 80 MB, most of it the blocks that it is reading. */
export const THREADS_MAX = 64

/** Does everything in the calling thread: for a chain that is read sooner than a thread starts. */
export function local(nodes: readonly Rpc.Rpc[]): WorkerPool {
  return {
    count: 0,
    read: (node, numbers, subject) => readFrom(nodes, { node, numbers, subject }),
    recover: async (work) => Signatures.recover(work),
    close: async () => {},
  }
}

/**
 * Starts threads.
 *
 * @param count - 1 to {@link THREADS_MAX}. @default the machine's cores, at most 8
 */
export function start(
  rpcUrls: readonly string[],
  count: number = Math.min(8, availableParallelism()),
): WorkerPool {
  const all = Array.from({ length: Math.min(count, THREADS_MAX) }, () => thread(rpcUrls))
  const ask = async (task: Task): Promise<Answer> => {
    const [idlest] = all.toSorted((a, b) => a.waiting() - b.waiting())
    const answer = await idlest?.ask(task).catch(refuse)
    if (answer === undefined) throw new UnansweredError('There is no thread.')
    if (answer.kind === 'problem') throw new UnansweredError(answer.problem)
    return answer
  }
  return {
    count: all.length,
    async read(node, numbers, subject) {
      const answer = await ask({ kind: 'read', node, numbers, subject })
      if (answer.kind !== 'read') throw new UnansweredError('A thread answered something else.')
      return answer.facts
    },
    async recover(work) {
      const answer = await ask({ kind: 'recover', work })
      if (answer.kind !== 'recover') throw new UnansweredError('A thread answered something else.')
      return answer.signed
    },
    async close() {
      await Promise.all(all.map((one) => one.close()))
    },
  }
}

/** A thread that went without a word leaves a question without an answer, like a node that is gone. */
function refuse(error: unknown): never {
  throw error instanceof Thread.EndedError ? new UnansweredError(error.message) : error
}

/** Does a task here and now: what a thread does. */
export async function perform(nodes: readonly Rpc.Rpc[], task: Task): Promise<Answer> {
  try {
    if (task.kind === 'recover') return { kind: 'recover', signed: Signatures.recover(task.work) }
    return { kind: 'read', facts: await readFrom(nodes, task) }
  } catch (error) {
    // A node that fails is asked again, or another one is; a bug ends the thread.
    if (!(error instanceof BallotstormError)) throw error
    return { kind: 'problem', problem: error.message }
  }
}

async function readFrom(
  nodes: readonly Rpc.Rpc[],
  { node, numbers, subject }: Omit<Extract<Task, { kind: 'read' }>, 'kind'>,
): Promise<Block.Facts[]> {
  const asked = nodes[node]
  if (asked === undefined) throw new UnansweredError(`There is no node ${node}.`)
  return Block.read(asked, numbers, subject)
}

function thread(rpcUrls: readonly string[]): Thread.Thread<Task, Answer> {
  return Thread.start({ module: new URL('./taskWorker.ts', import.meta.url), data: rpcUrls })
}

/** A node could not be asked to the end: nothing is known about what it did not tell. */
export class UnansweredError extends BallotstormError {
  override readonly name = 'WorkerPool.UnansweredError'
  readonly code = 'AUDIT_UNANSWERED'
  readonly exitCode = 122
  readonly remedy =
    'Check that the nodes of --rpc run and hold the whole chain, then repeat the command.'
}

import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Thread from '../runtime/Thread.ts'
import * as BlockWriter from './BlockWriter.ts'

export type Options = {
  /** Threads, 1 to {@link WORKERS_MAX}. @default the machine's cores, at most 4 */
  workers?: number | undefined
  /** Ends the work after the blocks that are under way. */
  signal?: AbortSignal | undefined
}

/** A thread takes about 50 MB. */
export const WORKERS_MAX = 64

/** Four threads stay under 400 MB together with all else. */
const WORKERS_DEFAULT_MAX = 4

/** A thread finds the next block waiting, and never waits for the calling one to send it. */
const BLOCKS_UNDER_WAY = 2

/** So few are written by the calling thread sooner than another one has started. */
const FEW_BLOCKS = 4

/** A thread's heap holds one block; more would only let garbage pile up. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 }

/**
 * Writes blocks, each worker one after the other: memory does not follow their number. Up to
 * {@link FEW_BLOCKS} are written by the calling thread, which breathes between two of them.
 *
 * @param blocks - numbers of those to be written; taken as workers become free.
 * @param note - called with each block that is in its place, and its digest.
 * @throws {InterruptedError} when the signal came.
 */
export async function run(
  work: BlockWriter.Work,
  blocks: readonly number[],
  note: (block: number, digest: Uint8Array) => void,
  { workers = Math.min(WORKERS_DEFAULT_MAX, availableParallelism()), signal }: Options,
): Promise<void> {
  const isFew = blocks.length <= FEW_BLOCKS
  const count = isFew ? 1 : Math.min(workers, WORKERS_MAX, blocks.length)
  const queue = blocks.values()
  const pool = Array.from({ length: count }, () => (isFew ? local(work) : thread(work)))
  let stop: { reason: unknown } | undefined
  const finish = async (worker: Worker, block: number): Promise<void> => {
    try {
      note(block, await worker.write(block))
    } catch (reason) {
      stop ??= { reason }
    }
  }
  const serve = async (worker: Worker): Promise<void> => {
    const underWay: Promise<void>[] = []
    for (const block of queue) {
      if (signal?.aborted === true) stop ??= { reason: new InterruptedError() }
      if (stop !== undefined) break
      underWay.push(finish(worker, block))
      if (underWay.length === BLOCKS_UNDER_WAY) await underWay.shift()
    }
    await Promise.all(underWay)
  }
  await Promise.all(pool.map(serve))
  await Promise.all(pool.map((worker) => worker.close()))
  if (stop !== undefined) throw stop.reason
}

/** Writes blocks, here or in a thread; several may be asked for at once. */
type Worker = {
  write(block: number): Promise<Uint8Array>
  close(): Promise<void>
}

function local(work: BlockWriter.Work): Worker {
  const writer = BlockWriter.create(work)
  return {
    async write(block) {
      // Signals and timers of this thread come through here.
      await setImmediate()
      return writer.write(block)
    },
    close: async () => writer.close(),
  }
}

function thread(work: BlockWriter.Work): Worker {
  const one = Thread.start<number, Uint8Array>({
    module: new URL('./worker.ts', import.meta.url),
    data: work,
    resourceLimits: RESOURCE_LIMITS,
  })
  return { write: (block) => one.ask(block), close: () => one.close() }
}

/** The user interrupted the signing; what was signed is kept. */
export class InterruptedError extends BallotstormError {
  override readonly name = 'Workers.InterruptedError'
  readonly code = 'PRESIGN_INTERRUPTED'
  readonly exitCode = 105
  readonly remedy = 'Repeat the command: it goes on where it stopped.'
  constructor() {
    super('Interrupted. What is signed is kept.')
  }
}

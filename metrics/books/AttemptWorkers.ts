import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'

import * as Thread from '../../scenarios/runtime/Thread.ts'
import * as Attempts from './Attempts.ts'
import { chunks } from '../../scenarios/runtime/lines.ts'

/** A page with its place in the file. */
export type Placed = Attempts.Page & {
  offsetBytes: number
  /** Lines before its first one. */
  lineCount: number
}

/** A thread takes about 50 MB and a tenth of a second to start. */
const THREADS_MAX = 8

/** So much (4,000 receipts, 0.2 s) is judged by the calling thread sooner than by others. */
const SMALL_BYTES = 1.5 * 1024 * 1024

/** Chunks that each thread has in hand or waiting, so that it never waits for the next one. */
const CHUNKS_WAITING = 2

/** A heap holds some chunks; more would only let garbage pile up. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64 }

/**
 * Judges a file of attempts, by several threads where it is long. Memory does not follow its
 * length.
 *
 * @yields the pages in the order of the file.
 * @returns whether the last line was torn; it is left out.
 */
export async function* pages(
  file: string,
  task: Attempts.Task,
): AsyncGenerator<Placed, { isTorn: boolean }> {
  const workers = await start(file, task)
  const waiting: { page: Promise<Attempts.Page>; offsetBytes: number }[] = []
  let lineCount = 0
  let isTorn = false
  async function* deliver(leaving: number): AsyncGenerator<Placed> {
    while (waiting.length > leaving) {
      const next = waiting.shift()
      if (next === undefined) return
      const page = await next.page
      yield { ...page, offsetBytes: next.offsetBytes, lineCount }
      lineCount += page.rows.length / Attempts.COLUMNS
    }
  }
  try {
    let turn = 0
    for await (const { bytes, offsetBytes, isWhole } of chunks(file)) {
      const worker = workers[turn % workers.length]
      isTorn = !isWhole
      if (isTorn || worker === undefined) break
      const page = worker.read(bytes)
      // Whoever awaits it hears of its failure; until then it is not unheard.
      page.catch(() => undefined)
      waiting.push({ page, offsetBytes })
      turn += 1
      yield* deliver(workers.length * CHUNKS_WAITING - 1)
    }
    yield* deliver(0)
    return { isTorn }
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** Judges attempts, here or in a thread. */
type Worker = {
  /** @param bytes - are gone afterwards. */
  read(bytes: Buffer<ArrayBuffer>): Promise<Attempts.Page>
  close(): Promise<void>
}

async function start(file: string, task: Attempts.Task): Promise<Worker[]> {
  const sizeBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
  if (sizeBytes <= SMALL_BYTES) return [local(task)]
  const count = Math.min(availableParallelism(), THREADS_MAX)
  return Array.from({ length: count }, () => thread(task))
}

function local(task: Attempts.Task): Worker {
  const judge = Attempts.createJudge(task)
  return { read: async (bytes) => judge.read(bytes), close: async () => judge.close() }
}

function thread(task: Attempts.Task): Worker {
  const one = Thread.start<Uint8Array, Attempts.Page>({
    module: new URL('./attemptWorker.ts', import.meta.url),
    data: task,
    resourceLimits: RESOURCE_LIMITS,
  })
  return {
    async read(bytes) {
      // What stands in a larger buffer is copied: the whole buffer is handed over.
      const own = bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
      return one.ask(own, [own.buffer])
    },
    close: () => one.close(),
  }
}

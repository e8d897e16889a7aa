import { parentPort, workerData } from 'node:worker_threads'

import * as Attempts from './Attempts.ts'

/** A thread of `Judges`: it is sent whole lines of attempts, and answers what they say. */
const judge = Attempts.createJudge(workerData)

function answer(bytes: Uint8Array): void {
  if (bytes.length === 0) {
    judge.close()
    parentPort?.close()
    return
  }
  const page = judge.read(bytes)
  parentPort?.postMessage(page, [page.rows.buffer])
}

// Messages that wait are delivered without a turn of the event loop between them; but only a turn
// frees what the native hashing and signing leave behind, half a kilobyte for each line.
parentPort?.on('message', (bytes: Uint8Array) => setImmediate(answer, bytes))

import { parentPort, workerData } from 'node:worker_threads'

import * as Attempts from './Attempts.ts'

/** A thread of `Judges`: it is sent whole lines of attempts, and answers what they say. */
const judge = Attempts.createJudge(workerData)

parentPort?.on('message', (bytes: Uint8Array) => {
  if (bytes.length === 0) {
    judge.close()
    parentPort?.close()
    return
  }
  const page = judge.read(bytes)
  parentPort?.postMessage(page, [page.rows.buffer])
})

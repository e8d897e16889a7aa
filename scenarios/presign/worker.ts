import { parentPort, workerData } from 'node:worker_threads'

import * as Maker from './Maker.ts'

/** A thread of `Workers`: it is sent the number of a block, makes it, and answers its digest. */
const maker = Maker.create(workerData)

parentPort?.on('message', (block: number) => {
  if (block < 0) {
    maker.close()
    parentPort?.close()
    return
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
  parentPort?.postMessage(maker.make(block))
})

import { parentPort, workerData } from 'node:worker_threads'

import * as Hands from './Hands.ts'
import * as Node from './Node.ts'

/** A thread of `Hands`: takes tasks, does one after the other, and ends when it is sent `null`. */
const rpcUrls: string[] = workerData
const nodes = rpcUrls.map((url) => Node.connect(url))

async function answer(before: Promise<void>, task: Hands.Task): Promise<void> {
  await before
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
  parentPort?.postMessage(await Hands.perform(nodes, task))
}

let last = Promise.resolve()
parentPort?.on('message', (task: Hands.Task | null) => {
  if (task === null) parentPort?.close()
  else last = answer(last, task)
})

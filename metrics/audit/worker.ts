import { parentPort, workerData } from 'node:worker_threads'

import * as Hands from './Hands.ts'
import * as Node from './Node.ts'

/** A thread of `Hands`: takes tasks, does one after the other, and ends when it is sent `null`. */
const rpcUrls: string[] = workerData
const nodes = rpcUrls.map((url) => Node.connect(url))

async function answer(task: Hands.Task): Promise<Hands.Answer> {
  try {
    return { result: await Hands.perform(nodes, task) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

let last = Promise.resolve()
parentPort?.on('message', (task: Hands.Task | null) => {
  if (task === null) {
    parentPort?.close()
    return
  }
  last = last.then(async () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
    parentPort?.postMessage(await answer(task))
  })
})

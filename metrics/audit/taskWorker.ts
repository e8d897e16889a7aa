import { workerData } from 'node:worker_threads'

import { serve } from '../../scenarios/runtime/serve.ts'
import * as WorkerPool from './WorkerPool.ts'
import * as Node from './Node.ts'

/** A thread of `WorkerPool`: does one task after the other. */
const rpcUrls: string[] = workerData
const nodes = rpcUrls.map((url) => Node.connect(url))

serve<WorkerPool.Task, WorkerPool.Answer>({ answer: (task) => WorkerPool.perform(nodes, task) })

import { workerData } from 'node:worker_threads'

import { serve } from '../../scenarios/runtime/serve.ts'
import * as Hands from './Hands.ts'
import * as Node from './Node.ts'

/** A thread of `Hands`: does one task after the other. */
const rpcUrls: string[] = workerData
const nodes = rpcUrls.map((url) => Node.connect(url))

serve<Hands.Task, Hands.Answer>({ answer: (task) => Hands.perform(nodes, task) })

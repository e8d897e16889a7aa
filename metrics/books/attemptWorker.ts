import { workerData } from 'node:worker_threads'

import { serve } from '../../scenarios/runtime/serve.ts'
import * as Attempts from './Attempts.ts'

/** A thread of `AttemptWorkers`: it is asked with whole lines of attempts, and answers what they say. */
const judge = Attempts.createJudge(workerData)

serve<Uint8Array, Attempts.Page>({
  answer: (bytes) => judge.read(bytes),
  handedOver: ({ rows }) => [rows.buffer],
  close: () => judge.close(),
})

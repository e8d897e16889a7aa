import { workerData } from 'node:worker_threads'

import { serve } from '../runtime/serve.ts'
import * as Maker from './Maker.ts'

/** A thread of `Workers`: it is asked for a block by its number, makes it, and answers its digest. */
const maker = Maker.create(workerData)

serve<number, Uint8Array>({
  answer: (block) => maker.make(block),
  close: () => maker.close(),
})

import { workerData } from 'node:worker_threads'

import { serve } from '../runtime/serve.ts'
import * as BlockWriter from './BlockWriter.ts'

/** A thread of `Workers`: it is asked for a block by its number, writes it, and answers its digest. */
const writer = BlockWriter.create(workerData)

serve<number, Uint8Array>({
  answer: (block) => writer.write(block),
  close: () => writer.close(),
})

import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'

import { DamagedError } from '../../../scenarios/ballots/Spool.ts'
import { serve } from '../../../scenarios/runtime/serve.ts'

/** A thread of the test: each question is what to do. */
export type Question = { waitMs: number } | 'throw' | 'throw ours' | 'exit' | Uint8Array

if (workerData === 'broken') throw new Error('It cannot begin.')
if (workerData === 'damaged') throw new DamagedError('a.bin', 7, 'torn')

serve<Question, string>({
  async answer(question) {
    if (question === 'throw') throw new Error('It cannot go on.')
    if (question === 'throw ours') throw new DamagedError('a.bin', 7, 'torn')
    if (question === 'exit') process.exit(0)
    if (question instanceof Uint8Array) return `${question.length} bytes`
    await sleep(question.waitMs)
    return `waited ${question.waitMs} ms`
  },
})

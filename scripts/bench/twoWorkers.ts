import { BLOCK_RECORDS } from '../../scenarios/ballots/Spool.ts'
import type { Work } from '../../scenarios/presign/SpoolMaker.ts'
import * as Workers from '../../scenarios/presign/Workers.ts'
import { median, show, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

const BLOCKS = 20
const ROUNDS = 5

/** What a second worker brings, start and end of the threads left out. */
export const twoWorkers: Benchmark = {
  name: 'two-workers',
  description: 'ballots of `relayed` by two workers against one, while all are at work',
  limit: { kind: 'least', value: 1.8, unit: 'times' },
  needsQuiet: true,
  async measure(folder) {
    const work = await Fixture.work(folder, 'relayed')
    const pairs: { one: number; two: number }[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      pairs.push({ one: await ratePerS(work, 1), two: await ratePerS(work, 2) })
    }
    const two = show(median(pairs.map((pair) => pair.two)))
    const one = show(median(pairs.map((pair) => pair.one)))
    return {
      rounds: pairs.map((pair) => pair.two / pair.one),
      details: `two ${two}, one ${one} per second`,
    }
  },
}

/** Records a second from the first block of the last worker until a worker finds nothing to do. */
async function ratePerS(work: Work, workers: number): Promise<number> {
  const finishedMs: number[] = []
  const blocks = Array.from({ length: BLOCKS }, (_, block) => block)
  await Workers.run(work, blocks, () => finishedMs.push(performance.now()), { workers })
  const [from, to] = [workers - 1, BLOCKS - workers]
  const tookMs = (finishedMs[to] ?? Number.NaN) - (finishedMs[from] ?? Number.NaN)
  return ((to - from) * BLOCK_RECORDS * 1000) / tookMs
}

import { BLOCK_RECORDS } from '../../scenarios/ballots/Spool.ts'
import type { Work } from '../../scenarios/presign/BlockWriter.ts'
import * as Workers from '../../scenarios/presign/Workers.ts'
import { median, show, watch, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

const BLOCKS = 20

/** Enough for a median; more are tried where others disturb. */
const QUIET_ROUNDS = 5
const QUIET_ROUNDS_MIN = 3
const ROUNDS_MAX = 10

/** With more than this taken by others, two threads cannot be 1.8 times one. */
const TAKEN_SHARE_MAX = 0.02

type Round = { one: number; two: number; isQuiet: boolean }

/**
 * What a second worker brings, start and end of the threads left out. Only rounds count in which the
 * machine was ours, where there are enough of them.
 */
export const twoWorkers: Benchmark = {
  name: 'two-workers',
  description: 'ballots of `relayed` by two workers against one, while all are at work',
  limit: { kind: 'least', value: 1.8, unit: 'times' },
  async measure(folder) {
    const work = await Fixture.work(folder, 'api')
    const all: Round[] = []
    while (all.length < ROUNDS_MAX && quietOf(all).length < QUIET_ROUNDS) {
      const taken = watch()
      const [one, two] = [await ratePerS(work, 1), await ratePerS(work, 2)]
      const { stealShare, foreignShare } = taken()
      all.push({ one, two, isQuiet: stealShare + foreignShare <= TAKEN_SHARE_MAX })
    }
    const quiet = quietOf(all)
    const isSpoilt = quiet.length < QUIET_ROUNDS_MIN
    const counted = isSpoilt ? all : quiet
    const two = show(median(counted.map((round) => round.two)))
    const one = show(median(counted.map((round) => round.one)))
    return {
      rounds: counted.map((round) => round.two / round.one),
      details: `two ${two}, one ${one} per second; ${quiet.length} of ${all.length} rounds undisturbed`,
      isSpoilt,
    }
  },
}

function quietOf(rounds: readonly Round[]): Round[] {
  return rounds.filter(({ isQuiet }) => isQuiet)
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

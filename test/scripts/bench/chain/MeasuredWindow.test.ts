import { expect, test } from 'vitest'

import type { BenchRig } from '../../../../scripts/bench/chain/BenchRig.ts'
import { NONE } from '../../../../scripts/bench/chain/Profile.ts'
import type { Block } from '../../../../scripts/bench/chain/Series.ts'
import * as MeasuredWindow from '../../../../scripts/bench/chain/MeasuredWindow.ts'

const WINDOW_MS = 400
const STANDSTILL_MS = 1500

/** A witness's word that a test makes up; the rest of the rig has no part in a count. */
function labOf(blocks: readonly Block[]): BenchRig {
  const rig = {
    series: { blocks, read: () => undefined, ballots: () => blocks.length, close: () => undefined },
    profile: NONE,
    host: { supervisor: { list: () => [] } },
    stage: { network: { parts: [] } },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return rig as unknown as BenchRig
}

test('a chain that stands still at the end of the window has its standstill counted', async () => {
  const blocks: Block[] = []
  const mine = (ballots: number): void => {
    const number = blocks.length + 1
    blocks.push({ number, seenAtMs: Date.now(), ballots, skipped: 0, gasUsed: 0 })
  }
  const after = (ms: number, ballots: number): void => void setTimeout(() => mine(ballots), ms)
  const turn = await MeasuredWindow.take(
    labOf(blocks),
    {
      async start() {
        for (let count = 0; count < 3; count += 1) mine(100)
        after(WINDOW_MS / 2, 100)
        after(STANDSTILL_MS, 100)
      },
      async stop() {
        for (let count = 1; count <= 4; count += 1) after(count * 50, 0)
      },
    },
    WINDOW_MS,
  )
  expect(turn.window.ballots).toBe(200)
  expect(turn.window.durationS).toBeGreaterThanOrEqual(STANDSTILL_MS / 1000 - 0.1)
})

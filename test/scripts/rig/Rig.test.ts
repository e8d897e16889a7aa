import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Run } from '../../../metrics/Run.ts'
import { smoke } from '../../../scenarios/storms/smoke/storm.ts'
import type { Storm } from '../../../scenarios/storms/Storm.ts'
import * as Host from '../../../scripts/rig/Host.ts'
import { resolveTools } from '../../../scripts/rig/resolveTools.ts'
import * as Rig from '../../../scripts/rig/Rig.ts'
import { startNetwork, type NetworkStage } from '../../../scripts/rig/startNetwork.ts'
import * as RunFolder from '../../../scripts/run/RunFolder.ts'
import * as RunOptions from '../../../scripts/run/RunOptions.ts'
import { runStorm } from '../../../scripts/run/runStorm.ts'
import { SILENT } from '../../../scripts/Progress.ts'
import { uninterrupted } from '../../helpers/quiet.ts'
import { expectPass } from '../../helpers/taken.ts'

const TIMEOUT_MS = 240_000

let folder: string
let networkHost: Host.Host
let network: NetworkStage
let tools: Awaited<ReturnType<typeof resolveTools>>

/** Half of the voters vote in each storm: no two of them could be served by one poll of theirs. */
const storm: Storm = {
  ...smoke,
  voters: 60,
  arrivals: { kind: 'stages', stages: [{ ratePerS: 20, durationMs: 1500 }] },
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-rig-'))
  tools = await resolveTools('anvil')
  networkHost = Host.create({ folder: join(folder, 'network'), progress: SILENT })
  network = await startNetwork(networkHost, 'anvil', options('relayed'), tools)
}, TIMEOUT_MS)
afterAll(async () => {
  await networkHost?.close()
  rmSync(folder, { recursive: true, force: true })
})

function options(design: string) {
  return RunOptions.parse({ design }, smoke)
}

/** Storms one after the other on one rig of a design, which stands on the warm network. */
async function storms(
  design: string,
  count: number,
  given: Partial<ReturnType<typeof options>> = {},
  between: (rig: Rig.Rig) => Promise<void> = () => Promise.resolve(),
): Promise<Run[]> {
  const host = Host.create({ folder: join(folder, design), progress: SILENT })
  try {
    // Prometheus takes its seconds for each storm: once is enough.
    const prometheus = design === 'relayed' ? tools.prometheus : undefined
    const rig = await Rig.start(
      host,
      { ...options(design), ...given },
      { ...tools, prometheus },
      network,
    )
    const runs: Run[] = []
    for (let number = 1; number <= count; number += 1) {
      const context = {
        host,
        folder: RunFolder.create(join(folder, design), storm.name, new Date()),
        spoolFile: undefined,
        segment: undefined,
      }
      const task = { storm, startedAt: new Date(), command: 'test', interruption: uninterrupted() }
      runs.push(await runStorm(context, rig, task))
      if (number < count) await between(rig)
    }
    return runs
  } finally {
    await host.close()
  }
}

async function killAndRestart(rig: Rig.Rig): Promise<void> {
  for (const role of ['api', 'relayer', 'postgres'] as const) {
    const part = Rig.partsOf(rig).find((one) => one.role === role)
    const before = part?.pid()
    await part?.kill()
    expect(part?.isRunning()).toBe(false)
    await part?.restart()
    expect(part?.isRunning()).toBe(true)
    expect(part?.pid()).not.toBe(before)
  }
}

function told(run: Run) {
  const { findings, counts, polls, prometheus } = run
  return {
    counterDeviation: prometheus?.counterDeviationMax,
    findings: findings.count,
    final: counts.final,
    pollIds: polls.map(({ pollId }) => pollId),
    tallies: polls.map(({ tally }) => tally),
    recounts: polls.map(({ recount }) => recount),
  }
}

describe.concurrent('storms on one rig', { timeout: TIMEOUT_MS }, () => {
  test('default: each has polls of its own, and balanced books', async () => {
    const pids: number[][] = []
    const note = async (rig: Rig.Rig): Promise<void> => {
      pids.push(Rig.partsOf(rig).map((part) => part.pid()))
    }
    const shape = { apiReplicas: 2, relayers: 2, batchSize: 7 }
    const recorded = await storms('relayed', 2, shape, note)
    for (const run of recorded) expectPass(run)
    const runs = recorded.map(told)
    expect(runs).toMatchObject([
      { final: 30, pollIds: [1] },
      { final: 30, pollIds: [2] },
    ])
    expect(runs.map(({ tallies }) => tallies)).toEqual(runs.map(({ recounts }) => recounts))
    // Prometheus saw each storm alone.
    expect(runs.map(({ counterDeviation }) => counterDeviation)).toEqual([0, 0])
    // anvil, PostgreSQL, two of the API, two relayers.
    expect(pids.flat()).toHaveLength(6)
  })

  test('behavior: where there is no chain, rows of earlier storms are no ballots of this one', async () => {
    const runs = (await storms('legacy', 2)).map(told)
    expect(runs).toMatchObject([
      { findings: 0, final: 30, pollIds: [1] },
      { findings: 0, final: 30, pollIds: [2] },
    ])
  })

  test('behavior: voters with nonces of an earlier storm are replaced by others', async () => {
    const runs = (await storms('direct', 2)).map(told)
    expect(runs).toMatchObject([
      { findings: 0, final: 30 },
      { findings: 0, final: 30 },
    ])
  })

  test('behavior: a part that was killed is told, and serves again after its restart', async () => {
    const runs = (await storms('anchored', 2, {}, killAndRestart)).map(told)
    expect(runs).toMatchObject([
      { findings: 0, final: 30, pollIds: [1] },
      { findings: 0, final: 30, pollIds: [2] },
    ])
  })
})

import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Part } from '../../../chain/processes/Part.ts'
import { startPart } from '../../../chain/processes/startPart.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as CastOrder from '../../../scenarios/schedule/CastOrder.ts'
import * as Instants from '../../../scenarios/schedule/Instants.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'
import * as Arrivals from '../../../scenarios/schedule/StageArrivals.ts'
import * as Parts from '../../rig/parts.ts'
import { startGenerator } from '../../rig/startGenerator.ts'
import * as Tools from '../../Tools.ts'
import { SEED, VOTERS, type BenchRig } from './BenchRig.ts'
import type { BallotPool } from './BallotPool.ts'
import type { Source } from './MeasuredWindow.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

export type Options = {
  path: Path
  pool: BallotPool
  /** Ballots a second; more than the system takes. */
  ratePerS: number
  /** Base URLs of the API, or JSON-RPC URLs of nodes. */
  targets: readonly string[]
}

/**
 * Longest time that a turn fires for: ramp and window on a busy machine. What is over when the turn
 * ends stays unfired.
 */
const STORM_MS = 30_000

/** As in `peak-2017`. */
const VOTER = { attemptsMax: 4, timeoutMs: 10_000, backoffMs: 500 }

/** From the command to the first ballot. */
const LEAD_MS = 1000

/** Ballots fired as a run fires them: feeder, k6, and for `direct` the voters' resender. */
export function storm(rig: BenchRig, options: Options): Source {
  const { host, stage } = rig
  const parts: Part[] = []
  return {
    async start() {
      const planFolder = mkdtempSync(join(host.folder, 'storm-'))
      const plan = writePlan(planFolder, options)
      const history = join(planFolder, 'history')
      mkdirSync(history)
      const attemptsFile = join(history, 'attempts.log')
      appendFileSync(attemptsFile, '')
      const feeder = await startPart(host, Parts.feeder, {
        planFolder,
        historyFile: join(history, 'handed-over.log'),
      })
      if (options.path === 'rpc') {
        const resender = await startPart(host, Parts.resender, {
          planFolder,
          historyFiles: [attemptsFile],
          resendHistoryFile: join(history, 'resends.log'),
          rpcUrls: stage.network.rpcUrls,
        })
        parts.push(resender.part)
      }
      const feederUrl = feeder.url
      const { targets } = options
      const k6 = { plan, feederUrl, targets, historyFile: attemptsFile }
      parts.push(feeder.part, await startGenerator(host, await Tools.resolve('k6'), k6))
      await begin(feederUrl)
    },
    async stop() {
      // k6 first: it must not miss its feeder.
      for (const part of parts.splice(0).toReversed()) await part.stop()
    },
  }
}

async function begin(feederUrl: string): Promise<void> {
  const response = await fetch(`${feederUrl}/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ startAtMs: Date.now() + LEAD_MS }),
  })
  if (!response.ok) throw new Error(`The feeder answered ${response.status} to its start.`)
}

/** A plan of one stage over the next ballots of the pool. */
function writePlan(folder: string, { path, pool, ratePerS }: Options): Plan.Plan {
  const stages = [{ ratePerS, durationMs: STORM_MS }]
  const ballotCount = Arrivals.count(stages)
  const { count: _count, recordSizeBytes: _size, ...binding } = pool.header
  const writer = Spool.create(join(folder, Plan.FILES.spool), binding)
  writer.append(pool.take(ballotCount))
  const { sha256 } = writer.finish()
  const file = join(folder, Plan.FILES.instants)
  const written = Instants.write(file, Arrivals.instants(SEED, stages))
  const { pollId, question, options } = pool.poll
  const plan: Plan.Plan = {
    schema: Plan.SCHEMA,
    seed: SEED,
    scenario: 'bench',
    design: path,
    path,
    electorate: { size: VOTERS },
    polls: [{ pollId, question, options, closesAfterMs: 86_400_000, sealsAfterCloseMs: 0 }],
    order: CastOrder.uniformOf({ seed: SEED, size: VOTERS }, [pool.poll]),
    segment: Segment.WHOLE,
    arrivals: { kind: 'stages', stages },
    stormMs: STORM_MS,
    ballotCount,
    voter: VOTER,
    spoolSha256: sha256,
    instantsSha256: written.sha256,
  }
  writeFileSync(join(folder, Plan.FILES.plan), JSON.stringify(plan))
  return plan
}

import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Readiness from '../../../chain/processes/Readiness.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Arrivals from '../../../scenarios/schedule/StageArrivals.ts'
import * as Instants from '../../../scenarios/schedule/Instants.ts'
import { k6Command } from '../../../scenarios/load/k6Command.ts'
import * as CastOrder from '../../../scenarios/schedule/CastOrder.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'
import * as Tools from '../../Tools.ts'
import { SEED, VOTERS, type Lab } from './Lab.ts'
import type { Supply } from './Supply.ts'
import type { Source } from './Turn.ts'

export type Options = {
  path: 'relayed' | 'direct'
  supply: Supply
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

const READY_TIMEOUT_MS = 60_000

/** Ballots fired as a run fires them: feeder, k6, and for `direct` the voters' resender. */
export function storm(lab: Lab, options: Options): Source {
  const { supervisor } = lab
  const parts = options.path === 'direct' ? ['k6', 'feeder', 'resender'] : ['k6', 'feeder']
  return {
    async start() {
      const planFolder = mkdtempSync(join(lab.folder, 'storm-'))
      const plan = writePlan(planFolder, options)
      const history = join(planFolder, 'history')
      mkdirSync(history)
      const attemptsFile = join(history, 'attempts.log')
      appendFileSync(attemptsFile, '')
      const feederUrl = await lab.startOwn('feeder', 'scenarios/load/feeder/main.ts', {
        planFolder,
        historyFile: join(history, 'handed-over.log'),
      })
      if (options.path === 'direct') {
        await lab.startOwn('resender', 'scenarios/load/resender/main.ts', {
          planFolder,
          historyFile: attemptsFile,
          resendHistoryFile: join(history, 'resends.log'),
          rpcUrls: lab.network.rpcUrls,
        })
      }
      await startK6(lab, { plan, feederUrl, targets: options.targets, historyFile: attemptsFile })
      await begin(feederUrl)
    },
    async stop() {
      for (const name of parts) await supervisor.stop(name)
    },
  }
}

type K6 = { plan: Plan.Plan; feederUrl: string; targets: readonly string[]; historyFile: string }

async function startK6({ supervisor }: Lab, k6: K6): Promise<void> {
  const { path: k6Binary } = await Tools.resolve('k6')
  await supervisor.start({
    ...k6Command({ ...k6, k6Binary }),
    name: 'k6',
    lifetime: 'task',
    // k6 is there as soon as one of its VUs waits for a slice.
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(`${k6.feederUrl}/status`)
        const status: unknown = await response.json()
        const isWaiting = typeof status === 'object' && status !== null && 'waiting' in status
        return isWaiting && Number(status.waiting) > 0 ? true : undefined
      }),
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
}

async function begin(feederUrl: string): Promise<void> {
  const response = await fetch(`${feederUrl}/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ startAtMs: Date.now() + LEAD_MS }),
  })
  if (!response.ok) throw new Error(`The feeder answered ${response.status} to its start.`)
}

/** A plan of one stage over the next ballots of the supply. */
function writePlan(folder: string, { path, supply, ratePerS }: Options): Plan.Plan {
  const stages = [{ ratePerS, durationMs: STORM_MS }]
  const ballotCount = Arrivals.count(stages)
  const { count: _count, recordSizeBytes: _size, ...binding } = supply.header
  const writer = Spool.create(join(folder, Plan.FILES.spool), binding)
  writer.append(supply.take(ballotCount))
  const { sha256 } = writer.finish()
  const file = join(folder, Plan.FILES.instants)
  const written = Instants.write(file, Arrivals.instants(SEED, stages))
  const { pollId, question, options } = supply.poll
  const plan: Plan.Plan = {
    schema: Plan.SCHEMA,
    seed: SEED,
    scenario: 'bench',
    design: path,
    path,
    electorate: { size: VOTERS },
    polls: [{ pollId, question, options, closesAfterMs: 86_400_000, sealsAfterCloseMs: 0 }],
    order: CastOrder.uniformOf({ seed: SEED, size: VOTERS }, [supply.poll]),
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

import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { PollOnChain } from '../../chain/contracts/deploy.ts'
import type { Exit } from '../../chain/processes/OwnedProcess.ts'
import { maxDurationMs } from '../../scenarios/load/k6Command.ts'
import type { Follow, Seen } from './Follow.ts'
import { finalityOfSteps, inFlightMax } from '../rig/deployment/deployerOf.ts'
import { startGenerator } from '../rig/startGenerator.ts'
import type { RunContext } from './RunContext.ts'
import type { Scene } from './Scene.ts'

/** When the storm was, and which polls it went to. */
export type Fired = {
  /** Unix milliseconds. */
  startAtMs: number
  /** Unix milliseconds at which the run stopped waiting for the chain. */
  deadlineMs: number
  polls: PollOnChain[]
  /** How k6 ended where it did not end well: nobody can tell what it would have sent. */
  generatorFault: string | undefined
  /** True where every poll was sealed by a final block before the deadline. */
  isSealed: boolean
}

/** From the last preparation to the first ballot, beside the opening of the polls. */
const LEAD_MS = 4000

/** To sign, send and find again the transaction that opens a poll, on a busy machine. */
const POLL_MS = 20

/** Past the sealing the chain has this long to make the block that proves it. */
const SEALING_WAIT_MS = 60_000

/** Where no contract seals, what was accepted may come later than promised; so late is waited for. */
const STRAGGLERS_WAIT_MS = 120_000

/** How often the person who waits is told. */
const UPDATE_INTERVAL_MS = 1000

/** Until every poll is sealed, which proves a loss; or only until nothing is left to become final. */
export type Drain = 'until sealed' | 'until empty'

/** A storm whose first instant is set. */
export type Opened = Pick<Fired, 'startAtMs' | 'polls'> & { hasBallots: boolean }

/** Starts k6, opens the polls, and tells the feeder when the storm begins. */
export async function openStorm(context: RunContext, scene: Scene): Promise<Opened> {
  const { host, folder } = context
  const { progress } = host
  const { plan, ready, observers } = scene
  const { system } = ready.stand
  // Without a ballot k6 would end before it is ready; the verdict says that there was nothing to fire.
  const hasBallots = plan.ballotCount > 0
  progress.step('k6')
  if (hasBallots) {
    await startGenerator(host, ready.rig.tools.k6, {
      plan,
      feederUrl: observers.feeder.url,
      targets: system.targets,
      standbyTargets: system.standbyTargets,
      historyFile: folder.attemptsFile,
      prometheusRemoteWriteUrl: observers.prometheus && `${observers.prometheus.url}/api/v1/write`,
    })
  }
  progress.step('polls opened on the chain')
  const openingMs = openingTimeMs(scene)
  const startAtMs = Date.now() + LEAD_MS + openingMs + system.announcementMs
  const polls = await openPolls(scene, startAtMs)
  if (Date.now() > startAtMs) throw new LateError(polls.length, Date.now() - startAtMs)
  await post(`${observers.feeder.url}/start`, { startAtMs })
  return { startAtMs, polls, hasBallots }
}

export type Watch = {
  scene: Scene
  opened: Opened
  follow: Follow
  drain: Drain
  signal: AbortSignal
}

/**
 * Waits until the storm is over and the polls are sealed by a final block, or until the user
 * interrupts.
 */
export async function watchStorm(
  { supervisor, progress }: RunContext['host'],
  { scene, opened, follow, drain, signal }: Watch,
): Promise<Fired> {
  const { plan, ready } = scene
  const { startAtMs, polls, hasBallots } = opened
  const sealedAtMs = Math.max(...polls.map(({ sealsAt }) => sealsAt)) * 1000
  const isOver = async (goal: () => boolean, untilMs: number): Promise<boolean> => {
    for (;;) {
      follow.read()
      if (goal()) return true
      if (signal.aborted || Date.now() > untilMs) return false
      progress.update(describe(follow.seen, Date.now() - startAtMs, plan))
      await sleep(UPDATE_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  progress.step('storm')
  let end: Exit | undefined = hasBallots ? undefined : { code: 0, signal: null }
  if (hasBallots) void supervisor.exit('k6').then((exit) => (end = exit))
  await isOver(() => end !== undefined, startAtMs + maxDurationMs(plan))
  const generatorFault = signal.aborted ? undefined : faultOf(end)
  const isPast = (): boolean => follow.seen.finalTimestamp * 1000 > sealedAtMs
  const isWhole = (): boolean => follow.seen.awaited === 0
  if (drain === 'until empty') {
    progress.step('drain, until the last ballot is final')
    await isOver(() => isWhole() || isPast(), sealedAtMs)
  } else {
    progress.step('drain, until a final block seals the polls')
    await isOver(isPast, sealedAtMs + SEALING_WAIT_MS)
  }
  const isSealed = isPast()
  if (isSealed && !ready.stand.deployment.isSealedByContract) {
    progress.step('drain, until the last straggler is final')
    await isOver(isWhole, sealedAtMs + STRAGGLERS_WAIT_MS)
  }
  progress.done()
  return { startAtMs, polls, generatorFault, isSealed, deadlineMs: Date.now() }
}

/** k6 ends with 0 when the plan is exhausted; anything else leaves voters without a say. */
function faultOf(end: Exit | undefined): string | undefined {
  if (end === undefined) return 'k6 (it did not end in its time)'
  if (end.code === 0) return undefined
  return `k6 (${end.signal ?? `code ${end.code}`}; see history/k6.log)`
}

/** Twice the time that the blocks should take: an empty chain may be slow with its first one. */
function openingTimeMs({ ready, plan: { polls } }: Scene): number {
  const network = ready.rig.network?.network
  if (network === undefined) return 0
  const finality = finalityOfSteps(network)
  const depth = finality.kind === 'depth' ? finality.depth : 0
  const blocks = Math.ceil(polls.length / inFlightMax(network)) + depth
  return 2 * blocks * network.blockTimeMs + polls.length * POLL_MS
}

async function openPolls({ ready, plan }: Scene, startAtMs: number): Promise<PollOnChain[]> {
  const { deployment, system } = ready.stand
  const polls = await deployment.openPolls(
    ready.polls,
    plan.polls.map(({ closesAfterMs, sealsAfterCloseMs }) => {
      const closesAt = Math.ceil((startAtMs + closesAfterMs) / 1000)
      return {
        opensAt: Math.floor(startAtMs / 1000) - OPENS_EARLIER_S,
        closesAt,
        sealsAt: closesAt + Math.ceil(sealsAfterCloseMs / 1000),
      }
    }),
  )
  await system.announcePolls(polls)
  return polls
}

/** A block's timestamp may lie behind the wall clock; the first ballots must not come too early. */
const OPENS_EARLIER_S = 10

async function post(url: string, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}

function describe(seen: Seen, sinceStartMs: number, plan: Scene['plan']): string {
  const stormS = Math.round(plan.stormMs / 1000)
  const sinceS = Math.max(0, Math.round(sinceStartMs / 1000))
  const time =
    sinceS <= stormS ? `${sinceS} s of ${stormS} s` : `${sinceS - stormS} s after the storm`
  return `${time}, of ${plan.ballotCount} ballots ${seen.answered} answered, ${seen.final} final; block ${seen.height}`
}

/** The polls were opened after the instant at which the storm was to begin. */
class LateError extends BallotstormError {
  override readonly name = 'fireStorm.LateError'
  readonly code = 'POLLS_OPENED_LATE'
  readonly exitCode = 107
  readonly remedy =
    'Check that the height of the chain grows; on a busy machine, try again when it is quiet.'
  constructor(pollCount: number, lateMs: number) {
    super(
      `The chain took ${lateMs} ms too long to open ${pollCount} poll(s), so that the storm could not start when they say.`,
    )
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

import { cast } from './cast.ts'
import { finalise } from './finalise.ts'
import type { Batch } from './Journal.ts'
import * as Nodes from './Nodes.ts'
import type { Parts, State } from './Parts.ts'
import { resend } from './resend.ts'
import { resume } from './resume.ts'
import type { Session } from './Session.ts'
import { watch } from './watch.ts'

/** What a relayer is made of, but for the journal, which comes and goes with its connection. */
export type Options = Omit<Parts, 'journal'> & {
  openSession: () => Promise<Session>
  signal: AbortSignal
}

/** The first pause after an error; doubled up to the second, so that a peer may come back in peace. */
const BACKOFF_MS_MIN = 100
const BACKOFF_MS_MAX = 2000

/** The head is asked for five times a block, within these bounds. */
const POLLS_PER_BLOCK = 5
const POLL_MS_MIN = 20
const POLL_MS_MAX = 200

/** Leases are renewed, those of the dead looked for, and the outbox counted this often in a lease. */
const CHORES_PER_LEASE = 4

/**
 * Carries ballots from the outbox to the chain until told to stop. Whatever goes away – database,
 * nodes – is waited for; nothing but the signal ends it.
 */
export async function run(options: Options): Promise<void> {
  let backoffMs = BACKOFF_MS_MIN
  const onProgress = (): void => {
    backoffMs = BACKOFF_MS_MIN
  }
  while (!options.signal.aborted) {
    try {
      await workInSession(options, onProgress)
    } catch (error) {
      if (options.signal.aborted) return
      report(options, error)
      await pause(backoffMs, options.signal)
      backoffMs = Math.min(BACKOFF_MS_MAX, backoffMs * 2)
    }
  }
}

async function workInSession(options: Options, onProgress: () => void): Promise<void> {
  const session = await options.openSession()
  try {
    await work({ ...options, journal: session.journal }, options.signal, onProgress)
  } finally {
    await session.close()
  }
}

/**
 * Works as long as the journal does. A chain that fails costs a pause; everything else, and above
 * all a statement whose outcome is not known, ends the session.
 */
async function work(parts: Parts, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const pollMs = parts.limits.blockTimeMs / POLLS_PER_BLOCK
  const pollMsBounded = Math.min(POLL_MS_MAX, Math.max(POLL_MS_MIN, pollMs))
  let backoffMs = BACKOFF_MS_MIN
  let state: State | undefined
  while (!signal.aborted) {
    try {
      if (state === undefined) state = await begin(parts)
      state = await maintain(parts, state)
      const cycle = await runCycle(parts, state)
      state = cycle.state
      backoffMs = BACKOFF_MS_MIN
      onProgress()
      if (cycle.caughtUp) await pause(pollMsBounded, signal)
    } catch (error) {
      if (!(error instanceof Nodes.UnreachableError || error instanceof Nodes.RefusedError))
        throw error
      report(parts, error)
      await parts.journal.renewLeases()
      await pause(backoffMs, signal)
      backoffMs = Math.min(BACKOFF_MS_MAX, backoffMs * 2)
    }
  }
}

/** Makes sure that this is the right chain before anything is signed for it. */
async function begin(parts: Parts): Promise<State> {
  const { chain, submitter, account } = parts
  const chainId = await chain.chainId()
  if (chainId !== account.chainId) {
    throw new Nodes.RefusedError('work', `its chain id is ${chainId}, ours ${account.chainId}`)
  }
  for (const address of submitter.contracts) {
    if (await chain.hasCode(address)) continue
    throw new Nodes.RefusedError('work', `there is no contract at ${address} yet`)
  }
  await submitter.prepare?.(chain, account.address)
  return resume(parts)
}

/** A count of the outbox that finds more than this says this. */
const OUTBOX_COUNTED_MAX = 100_000

async function maintain(parts: Parts, state: State): Promise<State> {
  const now = parts.now()
  if (now - state.maintainedAtMs < parts.limits.leaseMs / CHORES_PER_LEASE) return state
  await parts.journal.renewLeases()
  const dead = await parts.journal.releaseDead(parts.submitter.isGuarded ? 'all' : 'unsigned')
  if (dead > 0) {
    parts.metrics.batches('released', dead)
    parts.log(`took over ${dead} batches of relayers that gave no sign of life`)
  }
  parts.metrics.outbox(await parts.journal.outboxDepth(OUTBOX_COUNTED_MAX))
  return { ...state, maintainedAtMs: now }
}

/**
 * One cycle: read the chain, then act on it.
 *
 * @returns the state, `undefined` where the relayer must find its bearings anew.
 */
async function runCycle(
  parts: Parts,
  before: State,
): Promise<{ state: State | undefined; caughtUp: boolean }> {
  const { metrics, journal } = parts
  const seen = await metrics.time('watch', () => watch(parts, before))
  if (seen.isLost) return { state: undefined, caughtUp: false }
  const headNumber = seen.state.window.at(-1)?.number ?? 0
  const batches = await journal.unfinished()
  const included = batches.filter(({ state }) => state === 'included')
  await metrics.time('finalise', () => finalise(parts, included, headNumber))

  const isDue = seen.hasVanished
  const resent = await metrics.time('resend', () =>
    resend(parts, seen.state, { underWay: batches.filter(isUnderWay), isDue }),
  )
  if (resent === undefined) return { state: undefined, caughtUp: false }
  metrics.nonceGap(resent.nonceGapSinceMs === undefined ? 0 : parts.now() - resent.nonceGapSinceMs)

  if (resent.window.length === 0) return { state: resent, caughtUp: true }
  // On a busy machine reading alone may outlast a short lease, and a lapsed one is taken over.
  const kept = await maintain(parts, resent)
  const underWay = (await journal.unfinished()).filter(isUnderWay)
  return { state: await cast(parts, kept, underWay), caughtUp: seen.caughtUp }
}

function isUnderWay({ state }: Batch): boolean {
  return state !== 'included'
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined)
}

function report({ metrics, log }: Pick<Parts, 'metrics' | 'log'>, error: unknown): void {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  metrics.failed(hasCode ? String(error.code) : 'UNKNOWN')
  log(error instanceof Error ? error.message : String(error))
}

import exec from 'k6/execution'
import http from 'k6/http'
import type { Options } from 'k6/options'
import { setTimeout } from 'k6/timers'

import * as Slice from '../Slice.ts'
import * as Metrics from './Metrics.ts'
import * as SettingsOf from './Settings.ts'
import * as Voter from './Voter.ts'

/**
 * The storm, in the open model: each VU runs once and takes slice after slice from the feeder. A
 * ballot leaves at its intended instant by a timer of its own, whatever became of those before it,
 * so a slow system never slows the storm down.
 */
const settings: SettingsOf.Settings = JSON.parse(__ENV[SettingsOf.VARIABLE] ?? '{}')

/** Idle connections that a VU keeps to one target: at a stall of seconds all come back into use. */
const CONNECTIONS_IDLE_MAX = 1000

/**
 * A feeder that cannot be heard for so long is gone: it answers a waiting VU every few seconds. A
 * system that stands still takes k6's sockets, so that for a while none is left to ask with.
 */
const FEEDER_TIMEOUT_MS = 30_000

/** Pause before a feeder that was not heard is asked again. */
const FEEDER_PAUSE_MS = 200

/** Pause before a VU at its bound of open ballots looks again. */
const BOUND_PAUSE_MS = 20

export const options: Options = {
  scenarios: {
    storm: {
      executor: 'per-vu-iterations',
      vus: settings.vuCount,
      iterations: 1,
      maxDuration: `${settings.maxDurationMs}ms`,
      gracefulStop: '0s',
    },
  },
  batch: CONNECTIONS_IDLE_MAX,
  batchPerHost: CONNECTIONS_IDLE_MAX,
  maxRedirects: 0,
  noConnectionReuse: false,
  discardResponseBodies: false,
  systemTags: ['name', 'status', 'error_code'],
}

export default async function storm(): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for (;;) {
    const slice = await nextSlice()
    if (slice === 'gone') loseFeeder()
    if (slice === 'gone' || slice === 'end') break
    slice.ballots.forEach((ballot, index) => {
      void track(underWay, launch({ ...ballot, ballot: slice.first + index }))
    })
    while (underWay.size >= settings.openBallotsMax) await pause(BOUND_PAUSE_MS)
  }
  await Promise.all(underWay)
  Voter.end()
}

/** The only verdict of k6 itself; aborting instead would cut off the other VUs' ballots. */
function loseFeeder(): void {
  Metrics.feederLost.add(1)
  exec.test.fail('The feeder fell silent before the plan was at its end.')
}

/** Casts the ballot at its instant; at once where that has passed. */
async function launch(delivery: Voter.Delivery): Promise<void> {
  const earlyMs = delivery.intendedAtMs - Date.now()
  if (earlyMs > 0) await pause(earlyMs)
  await Voter.cast(settings, delivery)
}

/** Keeps the work in the set while it is under way. */
async function track(set: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  set.add(work)
  await work
  set.delete(work)
}

async function nextSlice(): Promise<Slice.Slice | 'end' | 'gone'> {
  const goneAtMs = Date.now() + FEEDER_TIMEOUT_MS
  for (;;) {
    const slice = await askForSlice()
    if (slice !== 'unheard') return slice
    if (Date.now() >= goneAtMs) return 'gone'
    await pause(FEEDER_PAUSE_MS)
  }
}

async function askForSlice(): Promise<Slice.Slice | 'end' | 'unheard'> {
  const response = await http.asyncRequest('GET', `${settings.feederUrl}/slice`, null, {
    responseType: 'binary',
    redirects: 0,
    tags: { name: 'slice' },
    timeout: FEEDER_TIMEOUT_MS,
  })
  if (response.status === 204) return 'end'
  if (response.status !== 200 || response.body === null) return 'unheard'
  return Slice.decode(response.body)
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms))
}

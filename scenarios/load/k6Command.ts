import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as Settings from './k6/Settings.ts'
import type { Plan } from '../schedule/Plan.ts'

/** How to start k6: the binary's arguments and its whole environment. */
export type Command = { command: string; args: string[]; env: Record<string, string> }

export type Options = {
  k6Binary: string
  feederUrl: string
  /** `relayed`: base URLs of the voting API. `direct`: JSON-RPC URLs of the nodes. */
  targets: readonly string[]
  /** Further ones that only take attempts after the first. @default none */
  standbyTargets?: readonly string[] | undefined
  plan: Pick<Plan, 'path' | 'stormMs' | 'voter'>
  /** Each attempt becomes a line here; appended to. k6's own errors go to `k6.log` beside it. */
  historyFile: string
  /** Where the metrics are written, for example `http://127.0.0.1:9090/api/v1/write`. */
  prometheusRemoteWriteUrl?: string | undefined
  /** VUs; each runs one thread of JavaScript. @default 4 */
  vuCount?: number | undefined
  /** Ballots unanswered at one time, over all VUs. @default 8,192 */
  openBallotsMax?: number | undefined
}

/** On 2 cores 2, 8 and 50 VUs cost 0.13, 0.14 and 0.18 CPU-seconds per 1,000 ballots. */
const VU_COUNT = 4

/** About 40 KB each in k6, and one socket: below 350 MB and half of a limit of 20,000 files. */
const OPEN_BALLOTS_MAX = 8192

/** k6 is started before the rest is ready, and must still be there when the storm begins. */
export const START_WAIT_MS = 120_000

/** Samples are pushed so often; Prometheus scrapes the others at the same pace. */
const PUSH_INTERVAL = '1s'

const SCRIPT = fileURLToPath(new URL('k6/storm.ts', import.meta.url))

/**
 * The command line of k6. Its environment is made whole here: no proxy, no user's configuration, no
 * extension download, no usage report, no REST port.
 */
export function k6Command(options: Options): Command {
  const vuCount = options.vuCount ?? VU_COUNT
  const settings: Settings.Settings = {
    path: options.plan.path,
    feederUrl: options.feederUrl,
    targets: options.targets.map(withoutSlash),
    standbyTargets: (options.standbyTargets ?? []).map(withoutSlash),
    voter: options.plan.voter,
    vuCount,
    openBallotsMax: Math.ceil((options.openBallotsMax ?? OPEN_BALLOTS_MAX) / vuCount),
    maxDurationMs: maxDurationMs(options.plan),
  }
  const folder = dirname(options.historyFile)
  const remoteWriteUrl = options.prometheusRemoteWriteUrl
  return {
    command: options.k6Binary,
    args: [
      'run',
      '--quiet',
      '--no-color',
      '--no-usage-report',
      // With a summary or a threshold k6 would keep every sample of every trend, 130 bytes a ballot.
      '--summary-mode=disabled',
      '--no-thresholds',
      `--console-output=${options.historyFile}`,
      '--log-format=raw',
      // Of a failed request k6 would write a warning each; the history says it already.
      `--log-output=file=${join(folder, 'k6.log')},level=error`,
      ...(remoteWriteUrl === undefined ? [] : ['--out=experimental-prometheus-rw']),
      SCRIPT,
    ],
    env: {
      [Settings.VARIABLE]: JSON.stringify(settings),
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      NO_PROXY: '*',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      ...(remoteWriteUrl === undefined ? {} : remoteWrite(remoteWriteUrl)),
    },
  }
}

/** The longest that k6 may run: start, storm, and the last voter's attempts. */
export function maxDurationMs(plan: Pick<Plan, 'stormMs' | 'voter'>): number {
  // No pause between two attempts is longer than the wait for an answer.
  const retriesMs = plan.voter.attemptsMax * 2 * plan.voter.timeoutMs
  return START_WAIT_MS + plan.stormMs + retriesMs
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function remoteWrite(url: string): Record<string, string> {
  return {
    K6_PROMETHEUS_RW_SERVER_URL: url,
    K6_PROMETHEUS_RW_PUSH_INTERVAL: PUSH_INTERVAL,
    K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
  }
}

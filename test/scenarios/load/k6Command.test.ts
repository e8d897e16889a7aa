import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { k6Command, maxDurationMs, START_WAIT_MS } from '../../../scenarios/load/k6Command.ts'

const OPTIONS = {
  k6Binary: '/bin/k6',
  feederUrl: 'http://127.0.0.1:1',
  targets: ['http://127.0.0.1:2/'],
  plan: {
    path: 'api',
    stormMs: 10_000,
    voter: { attemptsMax: 3, timeoutMs: 5000, backoffMs: 100 },
  },
  historyFile: '/run/attempts.log',
} as const

const SCRIPT = fileURLToPath(new URL('../../../scenarios/load/k6/storm.ts', import.meta.url))

/** No report, no summary that keeps every sample, and the history as it is. */
const ARGS = [
  'run',
  '--quiet',
  '--no-color',
  '--no-usage-report',
  '--summary-mode=disabled',
  '--no-thresholds',
  '--console-output=/run/attempts.log',
  '--log-format=raw',
  '--log-output=file=/run/k6.log,level=error',
]

const SETTINGS = {
  path: 'api',
  feederUrl: 'http://127.0.0.1:1',
  targets: ['http://127.0.0.1:2'],
  standbyTargets: [],
  voter: OPTIONS.plan.voter,
  vuCount: 4,
  openBallotsMax: 2048,
  maxDurationMs: 160_000,
}

/** What k6 is told beside the script's own settings. */
const ENVIRONMENT = {
  HOME: '/run',
  XDG_CONFIG_HOME: '/run',
  NO_PROXY: '*',
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
}

function settingsOf({ BALLOTSTORM_K6: settings, ...others }: Record<string, string>) {
  return { settings: JSON.parse(settings ?? ''), others }
}

describe('k6Command', () => {
  test('default: nothing leaves the machine, and nothing of the user comes in', () => {
    const { command, args, env } = k6Command(OPTIONS)
    expect(command).toBe('/bin/k6')
    expect(args).toEqual([...ARGS, SCRIPT])
    expect(settingsOf(env)).toEqual({ settings: SETTINGS, others: ENVIRONMENT })
  })

  test('options: prometheusRemoteWriteUrl', () => {
    const url = 'http://127.0.0.1:3/w'
    const { args, env } = k6Command({ ...OPTIONS, prometheusRemoteWriteUrl: url })
    expect(args).toEqual([...ARGS, '--out=experimental-prometheus-rw', SCRIPT])
    expect(settingsOf(env).others).toEqual({
      ...ENVIRONMENT,
      K6_PROMETHEUS_RW_SERVER_URL: url,
      K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
      K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
    })
  })

  test('options: standbyTargets, vuCount, openBallotsMax', () => {
    const standbyTargets = ['http://127.0.0.1:4//', 'http://127.0.0.1:5/x']
    const { env } = k6Command({ ...OPTIONS, standbyTargets, vuCount: 3, openBallotsMax: 10 })
    expect(settingsOf(env).settings).toEqual({
      ...SETTINGS,
      standbyTargets: ['http://127.0.0.1:4', 'http://127.0.0.1:5/x'],
      vuCount: 3,
      // Rounded up: all together at least so many.
      openBallotsMax: 4,
    })
  })

  test('behavior: k6 may outlive the last voter', () => {
    expect(maxDurationMs(OPTIONS.plan)).toBe(START_WAIT_MS + 10_000 + 30_000)
  })
})

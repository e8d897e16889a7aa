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

describe('k6Command', () => {
  test('default: nothing leaves the machine, and nothing of the user comes in', () => {
    const { command, args, env } = k6Command(OPTIONS)
    expect(command).toBe('/bin/k6')
    expect(args).toContain('--no-usage-report')
    // Else its memory grows with each ballot.
    expect(args).toEqual(expect.arrayContaining(['--summary-mode=disabled', '--no-thresholds']))
    expect(args).toContain('--console-output=/run/attempts.log')
    expect(args.some((arg) => arg.startsWith('--address') || arg.startsWith('--out'))).toBe(false)
    expect(env).toMatchObject({
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      NO_PROXY: '*',
      HOME: '/run',
    })
    expect(JSON.parse(env['BALLOTSTORM_K6'] ?? '')).toEqual({
      path: 'api',
      feederUrl: 'http://127.0.0.1:1',
      targets: ['http://127.0.0.1:2'],
      standbyTargets: [],
      voter: OPTIONS.plan.voter,
      vuCount: 4,
      openBallotsMax: 2048,
      maxDurationMs: maxDurationMs(OPTIONS.plan),
    })
  })

  test('options: prometheusRemoteWriteUrl', () => {
    const { args, env } = k6Command({
      ...OPTIONS,
      prometheusRemoteWriteUrl: 'http://127.0.0.1:3/w',
    })
    expect(args).toContain('--out=experimental-prometheus-rw')
    expect(env).toMatchObject({
      K6_PROMETHEUS_RW_SERVER_URL: 'http://127.0.0.1:3/w',
      K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
    })
  })

  test('behavior: k6 may outlive the last voter', () => {
    expect(maxDurationMs(OPTIONS.plan)).toBe(START_WAIT_MS + 10_000 + 30_000)
  })
})

import { Value } from 'typebox/value'
import type { TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'

import * as Feeder from '../../../scenarios/load/feeder/Config.ts'
import * as Probe from '../../../scenarios/load/probe/Config.ts'
import * as Resender from '../../../scenarios/load/resender/Config.ts'

type Case = [schema: TSchema, config: Record<string, unknown>, defaults: Record<string, unknown>]

const URL = 'http://127.0.0.1:1'

/** What each process needs, and what it has where nothing is said. */
const CONFIGS: Record<string, Case> = {
  feeder: [
    Feeder.Schema,
    { planFolder: 'p', historyFile: 'h' },
    { port: 0, sliceMs: 500, sliceBallotsMax: 512, leadMs: 1000, overtimeMs: 5000 },
  ],
  resender: [
    Resender.Schema,
    { planFolder: 'p', historyFiles: ['h'], resendHistoryFile: 'r', rpcUrls: [URL] },
    { port: 0, resendAfterMs: 5000, resendsPerSMax: 100, triesMax: 20, pollMs: 500 },
  ],
  probe: [
    Probe.Schema,
    {
      path: 'api',
      feederUrl: URL,
      targets: [URL],
      standbyTargets: [],
      voter: { attemptsMax: 1, timeoutMs: 1, backoffMs: 0 },
      historyFile: 'h',
      reportFile: 'r',
    },
    { port: 0 },
  ],
}

function caseOf(name: string): Case {
  const found = CONFIGS[name]
  if (found === undefined) throw new TypeError(name)
  return found
}

/** As a process reads it. */
function isTaken(name: string, change: Record<string, unknown>): boolean {
  const [schema, config] = caseOf(name)
  return Value.Check(schema, Value.Default(schema, { ...config, ...change }))
}

function many(count: number, one = URL): string[] {
  return Array.from({ length: count }, () => one)
}

function voter(change: Record<string, unknown>): Record<string, unknown> {
  return { voter: { attemptsMax: 1, timeoutMs: 1, backoffMs: 0, ...change } }
}

describe('Config.Schema', () => {
  test.each(Object.keys(CONFIGS))('default: %s has what is not said', (name) => {
    const [schema, config, defaults] = caseOf(name)
    expect(Value.Default(schema, { ...config })).toEqual({ ...config, ...defaults })
    expect(isTaken(name, {})).toBe(true)
  })

  test.each(Object.keys(CONFIGS))('error: %s takes nothing that it does not know', (name) => {
    expect(isTaken(name, { surplus: 1 })).toBe(false)
  })

  test.each(
    Object.keys(CONFIGS).flatMap((name) => Object.keys(caseOf(name)[1]).map((key) => [name, key])),
  )('error: %s without %s', (name, key) => {
    expect(isTaken(name ?? '', { [key ?? '']: undefined })).toBe(false)
  })

  test.each<[string, string, number, number]>([
    ['feeder', 'port', 0, 65_535],
    ['feeder', 'sliceMs', 10, 10_000],
    ['feeder', 'sliceBallotsMax', 1, 10_000],
    ['feeder', 'leadMs', 0, 60_000],
    ['feeder', 'overtimeMs', 0, 600_000],
    ['resender', 'port', 0, 65_535],
    ['resender', 'resendAfterMs', 100, 600_000],
    ['resender', 'resendsPerSMax', 1, 10_000],
    ['resender', 'triesMax', 1, 255],
    ['resender', 'pollMs', 10, 60_000],
    ['probe', 'port', 0, 65_535],
  ])('boundary: %s, %s from %i to %i', (name, key, least, most) => {
    expect(
      [least - 1, least, most, most + 1].map((value) => isTaken(name, { [key]: value })),
    ).toEqual([false, true, true, false])
    expect(isTaken(name, { [key]: least + 0.5 })).toBe(false)
  })

  test.each<[string, string]>([
    ['feeder', 'planFolder'],
    ['feeder', 'historyFile'],
    ['resender', 'planFolder'],
    ['resender', 'resendHistoryFile'],
    ['probe', 'historyFile'],
    ['probe', 'reportFile'],
  ])('boundary: %s, %s is a name', (name, key) => {
    expect([isTaken(name, { [key]: '' }), isTaken(name, { [key]: 'x' })]).toEqual([false, true])
  })

  test('boundary: the feeder’s start and probe', () => {
    expect(isTaken('feeder', { startAtMs: 0 })).toBe(true)
    expect(isTaken('feeder', { startAtMs: 0.5 })).toBe(true)
    expect(isTaken('feeder', { startAtMs: -1 })).toBe(false)
    expect(isTaken('feeder', { probeEveryBallots: 2 })).toBe(true)
    expect(isTaken('feeder', { probeEveryBallots: 1 })).toBe(false)
  })

  test.each<[string, string, number, number]>([
    ['resender', 'historyFiles', 1, 16],
    ['resender', 'rpcUrls', 1, 100],
    ['probe', 'targets', 1, 100],
    ['probe', 'standbyTargets', 0, 100],
  ])('boundary: %s, %s: %i to %i', (name, key, least, most) => {
    expect(isTaken(name, { [key]: many(least) })).toBe(true)
    expect(isTaken(name, { [key]: many(most) })).toBe(true)
    expect(isTaken(name, { [key]: many(most + 1) })).toBe(false)
    expect(least === 0 || !isTaken(name, { [key]: [] })).toBe(true)
  })

  test('error: what is no address of a node', () => {
    expect(isTaken('resender', { rpcUrls: ['https://node'] })).toBe(true)
    expect(isTaken('resender', { rpcUrls: ['ftp://node'] })).toBe(false)
    expect(isTaken('resender', { rpcUrls: ['x http://node'] })).toBe(false)
    expect(isTaken('resender', { historyFiles: [''] })).toBe(false)
    expect(isTaken('probe', { targets: ['https://api'], standbyTargets: ['https://api'] })).toBe(
      true,
    )
    expect(isTaken('probe', { targets: ['api'] })).toBe(false)
    expect(isTaken('probe', { standbyTargets: ['api'] })).toBe(false)
    expect(isTaken('probe', { targets: ['x http://api'] })).toBe(false)
    expect(isTaken('probe', { feederUrl: 'https://feeder' })).toBe(false)
    expect(isTaken('probe', { feederUrl: 'x http://feeder' })).toBe(false)
    expect(isTaken('probe', { path: 'ftp' })).toBe(false)
  })

  test.each<[string, number, number]>([
    ['attemptsMax', 1, 100],
    ['timeoutMs', 1, 600_000],
    ['backoffMs', 0, 600_000],
  ])('boundary: the probe’s voters, %s from %i to %i', (key, least, most) => {
    const taken = [least - 1, least, most, most + 1].map((value) =>
      isTaken('probe', voter({ [key]: value })),
    )
    expect(taken).toEqual([false, true, true, false])
    expect(isTaken('probe', voter({ [key]: undefined }))).toBe(false)
  })
})

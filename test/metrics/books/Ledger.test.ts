import { describe, expect, test } from 'vitest'

import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 10

/** The table is at least a quarter full, with slots of 4 bytes; `Stored` takes one byte. */
const BESIDE_BYTES = 16 + 1

describe('open', () => {
  test('behavior: a ballot takes at most 64 bytes', () => {
    const sandbox = Sandbox.create(BALLOTS)
    try {
      const ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
      const views = Object.values(ledger).filter((value) => ArrayBuffer.isView(value))
      const buffers = new Set(views.map(({ buffer }) => buffer))
      const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
      expect(views.length).toBeGreaterThan(10)
      expect(bytes / BALLOTS + BESIDE_BYTES).toBeLessThanOrEqual(64)
    } finally {
      sandbox.dispose()
    }
  })

  test('default: what the plan says of each ballot, found by poll and voter', () => {
    const sandbox = Sandbox.create(BALLOTS)
    try {
      const ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
      for (let ballot = 0; ballot < BALLOTS; ballot += 1) {
        expect(ledger.find(1, Sandbox.voterOf(ballot))).toBe(ballot)
        expect(ledger.choice[ballot]).toBe(ballot % 3)
        expect(ledger.intendedAtMs[ballot]).toBe(Sandbox.START_AT_MS + ballot * 10)
      }
      expect(ledger.find(1, Sandbox.voterOf(0) + 1)).toBe(-1)
      expect(ledger.find(2, Sandbox.voterOf(0))).toBe(-1)
    } finally {
      sandbox.dispose()
    }
  })
})

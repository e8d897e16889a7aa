import { existsSync, readFileSync } from 'node:fs'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

/** What the probe says of itself: whether it had the CPU to read answers when they came. */
export const Schema = Type.Object({
  /** How late the probe's own timers were, 99th percentile in ms. */
  timerLateMsP99: Type.Number({ minimum: 0 }),
})

export type Report = Static<typeof Schema>

/** The report in a file; `undefined` where there is none, or not one of this form. */
export function read(file: string): Report | undefined {
  if (!existsSync(file)) return undefined
  try {
    const report: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(Schema, report) ? report : undefined
  } catch {
    return undefined
  }
}

import { Type, type Static } from 'typebox'

import { readValid } from '../../runtime/readValid.ts'

/** What the probe says of itself: whether it had the CPU to read answers when they came. */
export const Schema = Type.Object({
  /** How late the probe's own timers were, 99th percentile in ms. */
  timerLateMsP99: Type.Number({ minimum: 0 }),
})

export type Report = Static<typeof Schema>

/** The report in a file; `undefined` where there is none, or not one of this form. */
export function read(file: string): Report | undefined {
  return readValid(Schema, file)
}

import { writeFileSync } from 'node:fs'

import { Type, type Static } from 'typebox'

import { readValid } from '../runtime/readValid.ts'

/** How often an attacker's requests were answered with each status; 0 is no answer. */
export type Report = Static<typeof Schema>

const Schema = Type.Record(Type.String({ pattern: '^\\d{1,3}$' }), Type.Integer({ minimum: 1 }), {
  additionalProperties: false,
})

/** Writes it in place of an earlier one. */
export function write(file: string, report: Report): void {
  writeFileSync(file, JSON.stringify(report))
}

/** Reads it; undefined where the attacker left none, or a torn one. */
export function read(file: string): Report | undefined {
  return readValid(Schema, file)
}

/** For people: `404 10 times, 422 31 times`. */
export function describe(report: Report): string {
  return Object.entries(report)
    .map(([status, count]) => `${status === '0' ? 'none' : status} ${count} times`)
    .join(', ')
}

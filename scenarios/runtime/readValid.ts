import { existsSync, readFileSync } from 'node:fs'

import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/**
 * What a process of ours left in a JSON file.
 *
 * @returns `undefined` where it left none, a torn one, or one of another form: it may have been killed.
 */
export function readValid<Schema extends TSchema>(
  schema: Schema,
  file: string,
): Static<Schema> | undefined {
  if (!existsSync(file)) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(schema, value) ? value : undefined
  } catch {
    return undefined
  }
}

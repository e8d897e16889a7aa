import { Type } from 'typebox'

import { DamagedError } from '../../scenarios/ballots/Spool.ts'
import * as Process from '../../scenarios/runtime/Process.ts'

/** A part that breaks: by a bug at its start, or by an error of ours once it serves. */
await Process.run(Process.reader(Type.Object({ serves: Type.Boolean() })), async ({ serves }) => {
  if (!serves) throw new TypeError('no such field')
  setTimeout(() => {
    throw new DamagedError('a.bin', 7, 'torn')
  }, 200)
  return { url: 'http://127.0.0.1:1', close: () => Promise.resolve() }
})

import * as Process from '../../scenarios/runtime/Process.ts'

/** A part with a bug. */
await Process.run(
  () => ({}),
  () => Promise.reject(new TypeError('no such field')),
)

import * as Config from '../../chain/relayer/Config.ts'
import type { Journal } from '../../chain/relayer/Journal.ts'
import { SEAMS, start, type Seams } from '../../chain/relayer/start.ts'
import * as Process from '../../scenarios/runtime/Process.ts'

/**
 * A relayer that kills itself right before or after one of its steps: `CRASH_AT=before-sign`. The
 * parts are the product's own; only the seams between them know of the crash. `CRASH_COUNT` lets
 * the step pass that often first.
 */
const crashAt = process.env['CRASH_AT'] ?? ''
let passes = Number(process.env['CRASH_COUNT'] ?? 0)

function crashing<Arguments extends unknown[], Result>(
  step: string,
  run: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    const isNow = crashAt.endsWith(`-${step}`) && passes-- <= 0
    if (isNow && crashAt.startsWith('before-')) crash()
    const result = await run(...given)
    if (isNow && crashAt.startsWith('after-')) crash()
    return result
  }
}

function crash(): void {
  process.kill(process.pid, 'SIGKILL')
  // The signal is delivered at once, but nothing may run should it be late.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const seams: Seams = {
  async openSession(options) {
    const session = await SEAMS.openSession(options)
    const journal: Journal = {
      ...session.journal,
      claim: crashing('claim', (size) => session.journal.claim(size)),
      markSigned: crashing('sign', (signed) => session.journal.markSigned(signed)),
      markSent: crashing('mark', (batchIds) => session.journal.markSent(batchIds)),
    }
    return { ...session, journal }
  },
  createChain(options) {
    const chain = SEAMS.createChain(options)
    return { ...chain, send: crashing('send', (raws) => chain.send(raws)) }
  },
}

await Process.run(Config.read, (config) => start(config, seams))

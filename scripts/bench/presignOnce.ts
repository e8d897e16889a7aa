import { readFileSync } from 'node:fs'

import { presign } from '../../scenarios/presign/presign.ts'
import * as Fixture from './Fixture.ts'

/**
 * A process that presigns once and tells the most memory that it took, in bytes:
 * `presignOnce.ts <folder> <ballots> <workers>`. The folder holds the register.
 */
const [folder = '', ballots, workers] = process.argv.slice(2)
const inputs = await Fixture.inputs(folder, 'api')
await presign({
  ...inputs,
  ballotCount: Number(ballots),
  workers: Number(workers),
  spoolFile: `${folder}/spool-${ballots}.bin`,
})
const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
process.stdout.write(`${peakKb * 1024}\n`)

import * as Process from '../../scenarios/runtime/Process.ts'
import * as Config from './Config.ts'
import { start } from './start.ts'

/**
 * The voting API as a process: `node chain/api/main.ts <config.json>`. Exit codes: 0 stopped by a
 * signal, 104 wrong configuration, 1 anything else.
 */
await Process.run(Config.read, start)

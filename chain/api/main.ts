import * as Config from './Config.ts'
import { start } from './start.ts'

/**
 * The voting API as a process: `node chain/api/main.ts <config.json>`. Exit codes: 0 stopped by a
 * signal, 104 wrong configuration, 1 anything else.
 */

const EXIT_BAD_CONFIGURATION = 104

try {
  await start(Config.read(process.argv[2] ?? ''))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof Config.InvalidError ? EXIT_BAD_CONFIGURATION : 1
}

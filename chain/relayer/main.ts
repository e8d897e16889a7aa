import * as Config from './Config.ts'
import { start } from './start.ts'

/** The documented exit code for a configuration that cannot be used. */
const EXIT_BAD_CONFIGURATION = 104

try {
  await start(Config.read(process.argv[2]))
} catch (error) {
  if (!(error instanceof Config.InvalidError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_BAD_CONFIGURATION
}

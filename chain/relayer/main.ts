import * as Process from '../../scenarios/runtime/Process.ts'
import * as Config from './Config.ts'
import { start } from './start.ts'

await Process.run(Config.read, start)

import { join } from 'node:path'
import type { Static } from 'typebox'

import type * as Api from '../../chain/api/Config.ts'
import type { Definition } from '../../chain/processes/startPart.ts'
import type * as Relayer from '../../chain/relayer/Config.ts'
import type * as DatabaseWitness from '../../metrics/witness/database/Config.ts'
import type * as Witness from '../../metrics/witness/Config.ts'
import type * as Feeder from '../../scenarios/load/feeder/Config.ts'
import type * as Resender from '../../scenarios/load/resender/Config.ts'

/** The processes of our own, each with the type of its configuration: the process' own schema. */

const ROOT = join(import.meta.dirname, '../..')

/** Before it ends, the witness of a database reads every row once more: 3 s a million. */
const RECHECK_TIMEOUT_MS = 120_000

export const api: Definition<Api.Given> = { role: 'api', main: join(ROOT, 'chain/api/main.ts') }

export const relayer: Definition<Relayer.Given> = {
  role: 'relayer',
  main: join(ROOT, 'chain/relayer/main.ts'),
}

export const witness: Definition<Witness.Config> = {
  role: 'witness',
  main: join(ROOT, 'metrics/witness/main.ts'),
}

export const databaseWitness: Definition<Static<typeof DatabaseWitness.Schema>> = {
  role: 'witness',
  main: join(ROOT, 'metrics/witness/database/main.ts'),
  stopTimeoutMs: RECHECK_TIMEOUT_MS,
}

export const feeder: Definition<Static<typeof Feeder.Schema>> = {
  role: 'feeder',
  main: join(ROOT, 'scenarios/load/feeder/main.ts'),
}

export const resender: Definition<Static<typeof Resender.Schema>> = {
  role: 'resender',
  main: join(ROOT, 'scenarios/load/resender/main.ts'),
}

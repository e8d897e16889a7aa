import { join } from 'node:path'
import type { Static } from 'typebox'

import type * as Api from '../../chain/api/Config.ts'
import type { Definition } from '../../chain/processes/startPart.ts'
import type * as Relayer from '../../chain/relayer/Config.ts'
import type * as DatabaseWitness from '../../metrics/witness/database/Config.ts'
import type * as Witness from '../../metrics/witness/Config.ts'
import type * as Attacker from '../../scenarios/attacks/Config.ts'
import type * as Feeder from '../../scenarios/load/feeder/Config.ts'
import type * as Probe from '../../scenarios/load/probe/Config.ts'
import type * as Resender from '../../scenarios/load/resender/Config.ts'

/** The processes of our own, each with the type of its configuration: the process' own schema. */

const ROOT = join(import.meta.dirname, '../..')

/** Before it ends, the witness of a database reads every row once more: 3 s a million. */
const RECHECK_TIMEOUT_MS = 120_000

/** As the file may hold it: what the schema has a default for can be left out. */
type Given<Config, Defaulted extends keyof Config> = Omit<Config, Defaulted> &
  Partial<Pick<Config, Defaulted>>

type ApiConfig = Static<typeof Api.Schema>

export const api: Definition<
  Given<
    ApiConfig,
    | 'host'
    | 'port'
    | 'record'
    | 'hasRelayer'
    | 'givesProofs'
    | 'ballotsQueuedMax'
    | 'connectionsMax'
    | 'connectionsPerAddressMax'
  >
> = { role: 'api', main: join(ROOT, 'chain/api/main.ts') }

export const relayer: Definition<
  Given<Relayer.Config, 'gasPriceWei' | 'leaseMs' | 'host' | 'port'>
> = { role: 'relayer', main: join(ROOT, 'chain/relayer/main.ts') }

export const witness: Definition<Given<Witness.Config, 'port' | 'pollIntervalMs'>> = {
  role: 'witness',
  main: join(ROOT, 'metrics/witness/main.ts'),
}

export const databaseWitness: Definition<
  Given<Static<typeof DatabaseWitness.Schema>, 'afterSequence' | 'port' | 'pollIntervalMs'>
> = {
  role: 'witness',
  main: join(ROOT, 'metrics/witness/database/main.ts'),
  stopTimeoutMs: RECHECK_TIMEOUT_MS,
}

type FeederConfig = Static<typeof Feeder.Schema>

export const feeder: Definition<
  Given<FeederConfig, 'port' | 'sliceMs' | 'sliceBallotsMax' | 'leadMs' | 'overtimeMs'>
> = { role: 'feeder', main: join(ROOT, 'scenarios/load/feeder/main.ts') }

type ResenderConfig = Static<typeof Resender.Schema>

export const resender: Definition<
  Given<ResenderConfig, 'port' | 'resendAfterMs' | 'resendsPerSMax' | 'triesMax' | 'pollMs'>
> = { role: 'resender', main: join(ROOT, 'scenarios/load/resender/main.ts') }

export const probe: Definition<Given<Static<typeof Probe.Schema>, 'port'>> = {
  role: 'probe',
  main: join(ROOT, 'scenarios/load/probe/main.ts'),
}

export const attacker: Definition<Given<Static<typeof Attacker.Schema>, 'port'>> = {
  role: 'attacker',
  main: join(ROOT, 'scenarios/attacks/main.ts'),
}

import { designs } from '../../chain/designs/designs.ts'
import { inGroup, type Setting } from './Option.ts'
import { address, httpUrl, integer, postgresUrl } from './values.ts'

/** A process of each takes its share of the cores; eight are more than two cores serve. */
const PROCESSES = { min: 1, max: 8 }

const withBatches = designs.filter(({ batchBallotsMax }) => batchBallotsMax > 1)

/** What stands between voters and chain. */
export const system = inGroup('System under test', {
  apiReplicas: integer({
    flag: '--api-replicas',
    help: 'processes of the voting API',
    bounds: PROCESSES,
    default: '1',
    withoutEffect: noOwnApi,
  }),
  relayers: integer({
    flag: '--relayers',
    help: 'relayers that share the work',
    bounds: PROCESSES,
    default: '1',
    withoutEffect: (setting: Setting) =>
      noRelayer(setting) ??
      (setting.design.record === 'database'
        ? `the contract of design ${setting.design.name} obeys one account`
        : undefined),
  }),
  batchSize: integer({
    flag: '--batch-size',
    help: `ballots in a batch at most; ${withBatches.map(({ name, batchBallotsMax }) => `${name} takes up to ${batchBallotsMax.toLocaleString('en')}`).join(', ')}`,
    bounds: { min: 1, max: Math.max(...withBatches.map(({ batchBallotsMax }) => batchBallotsMax)) },
    boundsIn: ({ design }: Setting) => ({
      min: 1,
      max: design.batchBallotsMax,
      of: `design ${design.name}`,
    }),
    usual: "the relayer's",
    withoutEffect: (setting: Setting) =>
      noRelayer(setting) ??
      (setting.design.batchBallotsMax === 1
        ? `design ${setting.design.name} carries each ballot in a transaction of its own`
        : undefined),
  }),
  postgresUrl: postgresUrl({
    flag: '--postgres',
    help: 'a PostgreSQL to use',
    usual: 'the embedded one',
    withoutEffect: noOwnApi,
  }),
  apiUrl: httpUrl({
    flag: '--api',
    help: 'a voting API of your own',
    usual: 'the one shipped',
    withoutEffect: ({ design }: Setting) => {
      if (design.path === 'rpc') return `design ${design.name} has no API`
      return design.contracts === 'none'
        ? `design ${design.name} has no chain to hold the API against`
        : undefined
    },
  }),
  receiptSigner: address({ flag: '--receipt-signer', help: 'who signs the receipts of --api' }),
})

function noOwnApi({ design, hasExternalApi }: Setting): string | undefined {
  if (!design.parts.includes('api')) return `design ${design.name} has no API`
  return hasExternalApi === true ? 'the API of --api brings its own' : undefined
}

function noRelayer(setting: Setting): string | undefined {
  const { design } = setting
  if (design.contracts === 'none') return `design ${design.name} has no chain`
  return (
    noOwnApi(setting) ??
    (design.parts.includes('relayer') ? undefined : `design ${design.name} has no relayer`)
  )
}

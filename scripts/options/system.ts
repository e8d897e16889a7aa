import { attacks } from '../../scenarios/attacks/attacks.ts'
import { designs } from '../../chain/designs/designs.ts'
import { faults } from '../../chain/faults/faults.ts'
import { plannedFault } from './fault.ts'
import { address, httpUrl, integer, listOf, oneOf, postgresUrl, words } from './formats.ts'
import { inGroup, numberText, option, type Setting } from './Option.ts'

/** A process of each takes its share of the cores; eight are more than two cores serve. */
const PROCESSES = { min: 1, max: 8 }

const withBatches = designs.filter(({ batchBallotsMax }) => batchBallotsMax > 1)
const limits = withBatches.map((one) => `${numberText(one.batchBallotsMax)} (${one.name})`)

/** What stands between voters and chain. */
export const system = inGroup('System under test', {
  apiReplicas: option(integer, '--api-replicas', 'processes of the voting API', {
    bounds: PROCESSES,
    default: '1',
    withoutEffect: noOwnApi,
  }),
  relayers: option(integer, '--relayers', 'relayers that share the work', {
    bounds: PROCESSES,
    default: '1',
    withoutEffect: (setting: Setting) =>
      noRelayer(setting) ??
      (setting.design.record === 'database'
        ? `the contract of design ${setting.design.name} obeys one account`
        : undefined),
  }),
  batchSize: option(integer, '--batch-size', `ballots in a batch, at most ${limits.join(', ')}`, {
    bounds: { min: 1, max: Math.max(...withBatches.map((one) => one.batchBallotsMax)) },
    boundsIn: ({ design: { batchBallotsMax: max, name } }: Setting) => ({
      min: 1,
      max,
      of: `design ${name}`,
    }),
    usual: "the relayer's",
    withoutEffect: (setting: Setting) =>
      noRelayer(setting) ??
      (setting.design.batchBallotsMax === 1
        ? `design ${setting.design.name} carries each ballot in a transaction of its own`
        : undefined),
  }),
  postgresUrl: option(postgresUrl, '--postgres', 'a PostgreSQL to use', {
    usual: 'the embedded one',
    withoutEffect: noOwnApi,
  }),
  apiUrl: option(httpUrl, '--api', 'a voting API of your own', {
    usual: 'the one shipped',
    withoutEffect: ({ design: { contracts, name, path } }: Setting) => {
      if (path === 'rpc') return `design ${name} has no API`
      return contracts === 'none'
        ? `design ${name} has no chain to hold the API against`
        : undefined
    },
  }),
  faults: option(
    listOf(plannedFault),
    '--fault',
    `what is done to a part on purpose: ${Object.keys(faults).join(', ')}`,
    {
      usual: 'nothing',
    },
  ),
  attack: option(
    oneOf(words(Object.keys(attacks))),
    '--attack',
    'who attacks the voting API while ballots fly',
    {
      usual: 'nobody',
      withoutEffect: ({ design: { name, parts } }: Setting) =>
        parts.includes('api') ? undefined : `design ${name} has no API`,
    },
  ),
  receiptSigner: option(address, '--receipt-signer', 'who signs the receipts of --api'),
})

function noOwnApi({ design: { name, parts }, hasExternalApi }: Setting): string | undefined {
  if (!parts.includes('api')) return `design ${name} has no API`
  return hasExternalApi === true ? 'the API of --api brings its own' : undefined
}

function noRelayer(setting: Setting): string | undefined {
  const { name, parts } = setting.design
  return (
    noOwnApi(setting) ?? (parts.includes('relayer') ? undefined : `design ${name} has no chain`)
  )
}

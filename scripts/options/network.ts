import { designs } from '../../chain/designs/designs.ts'
import { ANY_BLOCK_TIME_MS, GAS_LIMIT, VALIDATORS } from '../../chain/networks/bounds.ts'
import { KINDS, kinds, VALIDATOR_KINDS } from '../../chain/networks/kinds.ts'
import {
  address,
  duration,
  file,
  finality,
  httpUrl,
  integer,
  keyFile,
  listOf,
  name,
  oneOf,
  words,
} from './formats.ts'
import { inGroup, option, type Setting } from './Option.ts'

const design = oneOf(new Map(designs.map((one) => [one.name, one])))
const ownKind = oneOf(words(KINDS.filter((kind) => kind !== 'external')))
const NETWORK = '--network'

/** The trust design, and the chain that it stands on. */
export const network = inGroup('Design and network', {
  design: option(design, '--design', 'whom the voters must trust', { default: 'relayed' }),
  designs: option(listOf(design), '--designs', 'those that are compared', {
    default: designs.map((one) => one.name).join(','),
    usual: 'all',
  }),
  network: option(oneOf(words(KINDS)), NETWORK, 'what the chain runs on', {
    placeholder: 'kind',
    usual: "the scenario's",
    withoutEffect: noChain,
  }),
  networks: option(listOf(ownKind), '--networks', 'each design with a chain runs on each', {
    default: 'qbft',
  }),
  validatorKind: option(
    oneOf(words(VALIDATOR_KINDS)),
    NETWORK,
    'qbft has instant finality, clique takes blocks back',
    { placeholder: 'kind', default: 'qbft' },
  ),
  rpcUrls: option(listOf(httpUrl), '--rpc', 'nodes of --network external', {
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (setting.kind === 'external' ? undefined : `network ${setting.kind} has its own nodes`),
  }),
  validatorCount: option(integer, '--validators', 'validators of the network that is started', {
    bounds: VALIDATORS,
    usual: "the design's",
    withoutEffect: (setting: Setting) => noChain(setting) ?? noChoice(setting, 'validators'),
  }),
  blockTimeMs: option(
    duration,
    '--block-time',
    'time between blocks; qbft and clique take whole seconds',
    {
      bounds: ANY_BLOCK_TIME_MS,
      boundsIn: ({ kind }: Setting) => ({
        ...kinds[kind].choices.blockTimeMs,
        of: `network ${kind}`,
      }),
      usual: "the design's",
      withoutEffect: noChain,
    },
  ),
  gasLimit: option(integer, '--gas-limit', 'gas in a block', {
    placeholder: 'gas',
    bounds: GAS_LIMIT,
    usual: "the design's",
    withoutEffect: (setting: Setting) => noChain(setting) ?? noChoice(setting, 'gasLimit'),
  }),
  finality: option(
    finality,
    '--finality',
    'when a ballot is final: instant, depth:N blocks deep, or tag',
    { usual: "the network's", withoutEffect: noChain },
  ),
  allowTargetsFile: option(file, '--allow-targets', 'targets beyond loopback that may be loaded', {
    withoutEffect: ({ kind, hasExternalApi }: Setting) =>
      kind === 'external' || hasExternalApi === true
        ? undefined
        : 'all targets of this run are its own',
  }),
  deployerKeyFile: option(
    keyFile,
    '--deployer-key-file',
    'funded key for a chain with a gas price',
    { withoutEffect: noChain },
  ),
  root: option(address, '--root', 'Root of a deployment of 2017 that is there already', {
    withoutEffect: noDeploymentOf2017,
  }),
  ownerKeyFile: option(keyFile, '--owner-key-file', 'key of the account that owns --root', {
    withoutEffect: noDeploymentOf2017,
  }),
  name: option(name, '--name', 'several can stand side by side', { default: 'default' }),
})

function noChain({ design: { contracts, name: designName } }: Setting): string | undefined {
  return contracts === 'none' ? `design ${designName} has no chain` : undefined
}

function noChoice({ kind }: Setting, of: 'validators' | 'gasLimit'): string | undefined {
  const what = of === 'validators' ? 'validators' : 'gas limit'
  return kinds[kind].choices[of] === undefined
    ? `network ${kind} has no ${what} to choose`
    : undefined
}

function noDeploymentOf2017({ design: { contracts }, kind }: Setting): string | undefined {
  return contracts === 'active-citizen-2017' && kind === 'external'
    ? undefined
    : 'it goes with --design active-citizen-2017 and --network external'
}

import { designs } from '../../chain/designs/designs.ts'
import * as NetworkBounds from '../../chain/networks/bounds.ts'
import { KINDS, VALIDATOR_KINDS } from '../../chain/networks/Network.ts'
import * as Formats from './formats.ts'
import { inGroup, option, type Setting } from './Option.ts'

const design = Formats.oneOf(new Map(designs.map((one) => [one.name, one])))
const ownKind = Formats.oneOf(Formats.words(KINDS.filter((kind) => kind !== 'external')))
const NETWORK = '--network'

/** The trust design, and the chain that it stands on. */
export const network = inGroup('Design and network', {
  design: option(design, '--design', 'whom the voters must trust', { default: 'relayed' }),
  designs: option(Formats.listOf(design), '--designs', 'those that are compared', {
    default: designs.map((one) => one.name).join(','),
    usual: 'all',
  }),
  network: option(Formats.oneOf(Formats.words(KINDS)), NETWORK, 'what the chain runs on', {
    placeholder: 'kind',
    usual: "the scenario's",
    withoutEffect: noChain,
  }),
  networks: option(Formats.listOf(ownKind), '--networks', 'each design with a chain runs on each', {
    default: 'qbft',
  }),
  validatorKind: option(
    Formats.oneOf(Formats.words(VALIDATOR_KINDS)),
    NETWORK,
    'qbft has instant finality, clique takes blocks back',
    { placeholder: 'kind', default: 'qbft' },
  ),
  rpcUrls: option(Formats.listOf(Formats.httpUrl), '--rpc', 'nodes of --network external', {
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (setting.kind === 'external' ? undefined : `network ${setting.kind} has its own nodes`),
  }),
  validatorCount: option(Formats.integer, '--validators', "validators of the run's own network", {
    bounds: NetworkBounds.VALIDATORS,
    usual: "the design's",
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (NetworkBounds.CHOICES[setting.kind].validators === undefined
        ? `network ${setting.kind} has no validators to choose`
        : undefined),
  }),
  blockTimeMs: option(
    Formats.duration,
    '--block-time',
    'time between blocks; qbft and clique take whole seconds',
    {
      bounds: NetworkBounds.ANY_BLOCK_TIME_MS,
      boundsIn: ({ kind }: Setting) => ({
        ...NetworkBounds.CHOICES[kind].blockTimeMs,
        of: `network ${kind}`,
      }),
      usual: "the design's",
      withoutEffect: noChain,
    },
  ),
  gasLimit: option(Formats.integer, '--gas-limit', 'gas in a block', {
    placeholder: 'gas',
    bounds: NetworkBounds.GAS_LIMIT,
    usual: "the design's",
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (NetworkBounds.CHOICES[setting.kind].gasLimit === undefined
        ? `network ${setting.kind} has the gas limit that it has`
        : undefined),
  }),
  finality: option(
    Formats.finality,
    '--finality',
    'when a ballot is final: instant, depth:N blocks deep, or tag',
    { usual: "the network's", withoutEffect: noChain },
  ),
  allowTargetsFile: option(
    Formats.file,
    '--allow-targets',
    'targets beyond loopback that may be loaded',
    {
      withoutEffect: ({ kind, hasExternalApi }: Setting) =>
        kind === 'external' || hasExternalApi === true
          ? undefined
          : 'all targets of this run are its own',
    },
  ),
  deployerKeyFile: option(
    Formats.keyFile,
    '--deployer-key-file',
    'funded key for a chain with a gas price',
    { withoutEffect: noChain },
  ),
  root: option(Formats.address, '--root', 'Root of a deployment of 2017 that is there already', {
    withoutEffect: noDeploymentOf2017,
  }),
  ownerKeyFile: option(Formats.keyFile, '--owner-key-file', 'key of the account that owns --root', {
    withoutEffect: noDeploymentOf2017,
  }),
  name: option(Formats.name, '--name', 'several can stand side by side', { default: 'default' }),
})

function noChain({ design: { contracts, name } }: Setting): string | undefined {
  return contracts === 'none' ? `design ${name} has no chain` : undefined
}

function noDeploymentOf2017({ design: { contracts }, kind }: Setting): string | undefined {
  return contracts === 'active-citizen-2017' && kind === 'external'
    ? undefined
    : 'it goes with --design active-citizen-2017 and --network external'
}

import { designs } from '../../chain/designs/designs.ts'
import * as NetworkBounds from '../../chain/networks/bounds.ts'
import { KINDS, VALIDATOR_KINDS } from '../../chain/networks/Network.ts'
import { inGroup, type Setting } from './Option.ts'
import * as Values from './values.ts'

const byName = new Map(designs.map((design) => [design.name, design]))
const ownKinds = KINDS.filter((kind) => kind !== 'external')

/** The trust design, and the chain that it stands on. */
export const network = inGroup('Design and network', {
  design: Values.oneOf({
    flag: '--design',
    help: 'whom the voters must trust',
    choices: byName,
    default: 'relayed',
  }),
  designs: Values.listOf(
    {
      flag: '--designs',
      help: 'those that are compared',
      default: [...byName.keys()].join(','),
      usual: 'all',
    },
    Values.oneOf({ choices: byName }),
  ),
  network: Values.oneOf({
    flag: '--network',
    help: 'what the chain runs on',
    choices: Values.words(KINDS),
    placeholder: 'kind',
    usual: "the scenario's",
    withoutEffect: noChain,
  }),
  networks: Values.listOf(
    { flag: '--networks', help: 'each design with a chain runs on each', default: 'qbft' },
    Values.oneOf({ choices: Values.words(ownKinds) }),
  ),
  validatorKind: Values.oneOf({
    flag: '--network',
    help: 'qbft has instant finality, clique takes blocks back',
    choices: Values.words(VALIDATOR_KINDS),
    placeholder: 'kind',
    default: 'qbft',
  }),
  rpcUrls: Values.listOf(
    {
      flag: '--rpc',
      help: 'nodes of --network external',
      withoutEffect: (setting: Setting) =>
        noChain(setting) ??
        (setting.kind === 'external' ? undefined : `network ${setting.kind} has its own nodes`),
    },
    Values.httpUrl({}),
  ),
  validatorCount: Values.integer({
    flag: '--validators',
    help: "validators of the run's own network",
    bounds: NetworkBounds.VALIDATORS,
    usual: "the design's",
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (NetworkBounds.CHOICES[setting.kind].validators === undefined
        ? `network ${setting.kind} has no validators to choose`
        : undefined),
  }),
  blockTimeMs: Values.duration({
    flag: '--block-time',
    help: 'time between blocks; qbft and clique take whole seconds',
    bounds: NetworkBounds.ANY_BLOCK_TIME_MS,
    boundsIn: ({ kind }: Setting) => ({
      ...NetworkBounds.CHOICES[kind].blockTimeMs,
      of: `network ${kind}`,
    }),
    usual: "the design's",
    withoutEffect: noChain,
  }),
  gasLimit: Values.integer({
    flag: '--gas-limit',
    help: 'gas in a block',
    placeholder: 'gas',
    bounds: NetworkBounds.GAS_LIMIT,
    usual: "the design's",
    withoutEffect: (setting: Setting) =>
      noChain(setting) ??
      (NetworkBounds.CHOICES[setting.kind].gasLimit === undefined
        ? `network ${setting.kind} has the gas limit that it has`
        : undefined),
  }),
  finality: Values.finality({
    flag: '--finality',
    help: 'when a ballot is final: instant, depth:N blocks deep, or tag',
    usual: "the network's",
    withoutEffect: noChain,
  }),
  allowTargetsFile: Values.file({
    flag: '--allow-targets',
    help: 'targets beyond loopback that may be loaded',
    withoutEffect: ({ kind, hasExternalApi }: Setting) =>
      kind === 'external' || hasExternalApi === true
        ? undefined
        : 'all targets of this run are its own',
  }),
  deployerKeyFile: Values.keyFile({
    flag: '--deployer-key-file',
    help: 'funded key for a chain with a gas price',
    withoutEffect: noChain,
  }),
  root: Values.address({
    flag: '--root',
    help: 'Root of a deployment of 2017 that is there already',
    withoutEffect: noDeploymentOf2017,
  }),
  ownerKeyFile: Values.keyFile({
    flag: '--owner-key-file',
    help: 'key of the account that owns --root',
    withoutEffect: noDeploymentOf2017,
  }),
  name: Values.text(
    { flag: '--name', help: 'several can stand side by side', default: 'default' },
    {
      pattern: /^\w[\w.-]{0,63}$/,
      says: 'a name: take up to 64 letters, digits, dots, dashes and underscores',
    },
  ),
})

function noChain({ design }: Setting): string | undefined {
  return design.contracts === 'none' ? `design ${design.name} has no chain` : undefined
}

function noDeploymentOf2017({ design, kind }: Setting): string | undefined {
  return design.contracts === 'active-citizen-2017' && kind === 'external'
    ? undefined
    : 'it goes with --design active-citizen-2017 and --network external'
}

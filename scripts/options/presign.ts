import * as NetworkBounds from '../../chain/networks/bounds.ts'
import { CHAIN_ID_DEFAULT } from '../../chain/networks/Network.ts'
import { WORKERS_MAX } from '../../scenarios/presign/Workers.ts'
import * as Bounds from '../../scenarios/storms/bounds.ts'
import { inGroup } from './Option.ts'
import { address, integer, oneOf, path, paths, words } from './values.ts'

/** How a spool is signed ahead of a run. */
export const presign = inGroup('Spool', {
  pollCount: integer({
    flag: '--polls',
    help: 'number of polls; of a city the most popular ones',
    bounds: Bounds.POLLS,
    usual: "1, or the scenario's",
  }),
  ballotCount: integer({
    flag: '--count',
    help: 'ballots of all segments',
    bounds: Bounds.BALLOTS,
    usual: "the source's",
  }),
  path: oneOf({
    flag: '--path',
    help: 'ballots for a voting API, or transactions for a node',
    choices: words(['api', 'rpc']),
    placeholder: 'path',
    default: 'api',
  }),
  workers: integer({
    flag: '--workers',
    help: 'worker threads',
    bounds: { min: 1, max: WORKERS_MAX },
    usual: 'the cores, at most 4',
  }),
  out: path({ flag: '--out', help: 'the spool', default: 'out/spool.bin' }),
  registerFile: path({
    flag: '--register',
    help: "where the voters' addresses are kept",
    usual: 'in the cache',
  }),
  chainId: integer({
    flag: '--chain-id',
    help: 'the chain that the ballots are bound to',
    placeholder: 'id',
    bounds: NetworkBounds.CHAIN_IDS,
    default: String(CHAIN_ID_DEFAULT),
  }),
  ballotBox: address({
    flag: '--ballot-box',
    help: 'the contract that the ballots are bound to',
    usual: "where the seed's deployer puts it on a fresh chain",
  }),
  join: paths({
    flag: '--join',
    help: 'make one spool of all its segments instead, with --out and --json only',
  }),
})

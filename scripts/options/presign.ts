import * as NetworkBounds from '../../chain/networks/bounds.ts'
import { CHAIN_ID_DEFAULT } from '../../chain/networks/Network.ts'
import { WORKERS_MAX } from '../../scenarios/presign/Workers.ts'
import * as Bounds from '../../scenarios/storms/bounds.ts'
import { address, integer, oneOf, path, paths, words } from './formats.ts'
import { inGroup, option } from './Option.ts'

const ballotPath = oneOf(words(['api', 'rpc']))

/** How a spool is signed ahead of a run. */
export const presign = inGroup('Spool', {
  pollCount: option(integer, '--polls', 'number of polls; of a city the most popular ones', {
    bounds: Bounds.POLLS,
    usual: "1, or the scenario's",
  }),
  ballotCount: option(integer, '--count', 'ballots of all segments', {
    bounds: Bounds.BALLOTS,
    usual: "the source's",
  }),
  path: option(ballotPath, '--path', 'ballots for a voting API, or transactions for a node', {
    default: 'api',
  }),
  workers: option(integer, '--workers', 'worker threads', {
    bounds: { min: 1, max: WORKERS_MAX },
    usual: 'the cores, at most 4',
  }),
  out: option(path, '--out', 'the spool', { default: 'out/spool.bin' }),
  registerFile: option(path, '--register', "where the voters' addresses are kept", {
    usual: 'in the cache',
  }),
  chainId: option(integer, '--chain-id', 'the chain that the ballots are bound to', {
    placeholder: 'id',
    bounds: NetworkBounds.CHAIN_IDS,
    default: String(CHAIN_ID_DEFAULT),
  }),
  ballotBox: option(address, '--ballot-box', 'the contract that the ballots are bound to', {
    usual: "where the seed's deployer puts it on a fresh chain",
  }),
  join: option(paths, '--join', 'make one spool of these segments, all there are, instead'),
})

import * as GethNode from './GethNode.ts'

/** Of no use without a private transaction manager, which GoQuorum looks for unless told not to. */
export const ENVIRONMENT = { PRIVATE_CONFIG: 'ignore' } as const

/**
 * Each new draft of a block starts the timeout of the current round anew. With the default of 3 s a
 * round of 4 s, the third, would never time out: with one validator dead the chain stood still for
 * good. A minute is longer than the rounds that a recovery takes.
 */
const RECOMMIT_INTERVAL = '60s'

/** The command line of a GoQuorum node. */
export function args(
  node: GethNode.GethNode,
  chain: { chainId: number; gasLimit: number },
): string[] {
  return GethNode.args(node, chain, {
    nousb: true,
    ipcdisable: true,
    'miner.gasprice': 0,
    'miner.gastarget': chain.gasLimit,
    'miner.recommit': RECOMMIT_INTERVAL,
    // The observer too, whose seals nobody wants: a node that does not mine lays each arriving
    // transaction on a pending block and copies that block each time. Under single ballots two fifths
    // of its CPU time went there, and on a busy machine it fell ten seconds behind the validators.
    mine: true,
    'miner.threads': 1,
    // It warns at each block that it has no seat; of the others warnings are wanted.
    ...(node.isValidator ? {} : { verbosity: 1 }),
  })
}

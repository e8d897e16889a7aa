import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import type * as Rpc from '../rpc/Rpc.ts'

/** Nodes that follow a chain are this far apart; one that is further behind withholds, or still syncs. */
const LAG_BLOCKS_MAX = 5

/**
 * The order in which nodes are asked: first the one that the user named first, of those that answer and
 * show the chain up to where the others do.
 *
 * @returns places in `nodes`; all of them, in the user's order where none answers.
 */
export async function orderNodes(nodes: readonly Rpc.Rpc[]): Promise<number[]> {
  const places = nodes.map((_, place) => place)
  if (nodes.length < 2) return places
  const heights = await Promise.all(nodes.map((node) => heightOf(node).catch(() => -1)))
  const least = Math.max(...heights) - LAG_BLOCKS_MAX
  const first = heights.findIndex((height) => height >= Math.max(0, least))
  return first === -1 ? places : [first, ...places.filter((place) => place !== first)]
}

async function heightOf(node: Rpc.Rpc): Promise<number> {
  const latest = await CheckedBlock.readHeader(node, 'latest')
  return latest === undefined ? -1 : Number(latest.number)
}

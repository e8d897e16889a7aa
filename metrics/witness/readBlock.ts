import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import { RpcError, type Rpc } from '../rpc/Rpc.ts'

/**
 * A block as a node shows it, recomputed; `undefined` where the node has none.
 *
 * @param addresses - the contracts whose events matter, lower-case hex.
 * @throws {RpcError} where there is no usable answer. Also where receipts are lacking: a node that
 * turns round tells of a block that has gone meanwhile, and that is no lie.
 */
export async function readBlock(
  node: Rpc,
  number: number,
  addresses: readonly string[],
): Promise<CheckedBlock.CheckedBlock | undefined> {
  const [shown = 'malformed'] = await CheckedBlock.read(node, [number], addresses)
  if (shown === 'absent') return undefined
  if (shown === 'malformed') throw new RpcError('malformed', node.url, 'no block')
  if (shown.isPartial) throw new RpcError('malformed', node.url, `block ${number} without receipts`)
  return shown
}

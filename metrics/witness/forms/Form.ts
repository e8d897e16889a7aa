import type { Counted } from '../Counted.ts'
import type { RawBlock } from '../RawBlock.ts'
import type { Rpc } from '../../rpc/Rpc.ts'

/** How ballots are read from the contracts of a design. */
export type Form = {
  /** The contracts to which ballots go, lower-case hex. */
  addresses: ReadonlySet<string>
  /**
   * What the contracts counted in a block.
   *
   * @param node - the node that the block came from; asked where the block alone does not tell.
   * @throws {RpcError} where it is asked and gives no usable answer.
   */
  count(node: Rpc, block: RawBlock): Promise<Counted>
}

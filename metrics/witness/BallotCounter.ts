import { decoderOf } from '../contracts/decoderOf.ts'
import type { Target } from '../contracts/Target.ts'
import type { CheckedBlock } from '../blocks/CheckedBlock.ts'
import type { Rpc } from '../rpc/Rpc.ts'
import * as Counted from './Counted.ts'
import { countByState } from './countByState.ts'

/** Counts the ballots of a target. */
export type BallotCounter = {
  /** The contracts to which ballots go, lower-case hex. */
  addresses: readonly string[]
  /**
   * What the contracts counted in a block.
   *
   * @param node - the node that the block came from; asked where the block alone does not tell.
   * @throws {RpcError} where it is asked and gives no usable answer.
   */
  count(node: Rpc, block: CheckedBlock): Promise<Counted.Counted>
}

/** Counts by calldata and events; in the system of 2017, whose events do not tell, by the state. */
export function create(target: Target): BallotCounter {
  if (target.kind === 'active-citizen-2017') {
    const { questions } = target
    const addresses = questions.map(({ address }) => address)
    return { addresses, count: (node, block) => countByState(node, block, questions) }
  }
  const { kind, address } = target
  const contracts = { main: address, questions: [] }
  return {
    addresses: [address],
    count: async (_, block) =>
      Counted.of(decoderOf(kind).read(Counted.executedIn(block), contracts)),
  }
}

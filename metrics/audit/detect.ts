import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import { DECODERS } from '../contracts/decoderOf.ts'
import type { Kind } from '../contracts/Target.ts'

/**
 * Tells a contract's kind by the functions that its code compares calls with. A node that lies
 * here makes everything else contradict itself.
 *
 * @throws {NotAContractError} where nothing known stands at the address.
 */
export async function detect(node: Rpc.Rpc, contract: string): Promise<Kind> {
  const [code] = await node.ask([{ method: 'eth_getCode', params: [contract, 'latest'] }])
  if (!Value.Check(Type.String(), code) || code === '0x') {
    throw new NotAContractError(contract, `${node.name} has no code there`)
  }
  const decoder = Object.values(DECODERS).find(({ mark }) => code.includes(mark.slice('0x'.length)))
  if (decoder !== undefined) return decoder.kind
  throw new NotAContractError(contract, 'it has the functions of no design that is known')
}

/** What is to be audited is no voting contract. */
export class NotAContractError extends BallotstormError {
  override readonly name = 'detect.NotAContractError'
  readonly code = 'AUDIT_NO_CONTRACT'
  readonly exitCode = 104
  readonly remedy = 'Name the BallotBox, BallotAnchor or Root by --contract.'
  constructor(contract: string, reason: string) {
    super(`${contract} is no voting contract: ${reason}.`)
  }
}

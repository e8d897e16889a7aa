import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import type * as Form from './forms/Form.ts'

/** A function that only the contract of one design has. */
const MARKS: Readonly<Record<Form.Name, string>> = {
  'ballot-box': Contract.ballotBox.getFunction('castBatch')?.selector ?? '',
  anchored: Anchor.ballotAnchor.getFunction('anchor')?.selector ?? '',
  'active-citizen-2017': ActiveCitizen2017.root.getFunction('getAllPollIds')?.selector ?? '',
}

/**
 * Tells a contract's design by the functions that its code compares calls with. A node that lies
 * here makes everything else contradict itself.
 *
 * @throws {NotAContractError} where nothing known stands at the address.
 */
export async function detect(node: Rpc.Rpc, contract: string): Promise<Form.Name> {
  const [code] = await node.ask([{ method: 'eth_getCode', params: [contract, 'latest'] }])
  if (!Value.Check(Type.String(), code) || code === '0x') {
    throw new NotAContractError(contract, `${node.name} has no code there`)
  }
  const names: Form.Name[] = ['ballot-box', 'anchored', 'active-citizen-2017']
  const name = names.find((one) => code.includes(MARKS[one].slice('0x'.length)))
  if (name !== undefined) return name
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

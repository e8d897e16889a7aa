import { type Interface, type Result } from 'ethers'
import { Type, type Static, type TSchema } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** A node that is asked. */
export type Node = {
  rpcUrl: string
  /** How to reach it; a gate in front of a foreign network goes here. */
  transport?: Rpc.Transport | undefined
}

/** A question to a contract. */
export type Question = {
  to: string
  wire: Interface
  method: string
  args?: readonly unknown[] | undefined
  /** Height at which to look. @default the newest */
  atBlock?: number | undefined
}

/** A node that executes full blocks on a busy machine answers late; a hung one never. */
const TIMEOUT_MS = 30_000

/** {@link Rpc.call} with the patience that a deployment has. */
export function ask<Schema extends TSchema>(
  { rpcUrl, transport }: Node,
  call: Rpc.Call,
  schema: Schema,
): Promise<Static<Schema>> {
  return Rpc.call(rpcUrl, call, schema, { timeoutMs: TIMEOUT_MS, ...transport })
}

/**
 * What a contract answers.
 *
 * @throws {NoAnswerError} where no contract with such a function answers there.
 */
export async function read(node: Node, question: Question): Promise<Result> {
  const { to, wire, method, args = [], atBlock } = question
  const block = atBlock === undefined ? 'latest' : `0x${atBlock.toString(16)}`
  const params = [{ to, data: wire.encodeFunctionData(method, args) }, block]
  try {
    const answer = await ask(node, { method: 'eth_call', params }, Type.String())
    return wire.decodeFunctionResult(method, answer)
  } catch (cause) {
    throw new NoAnswerError(to, method, cause)
  }
}

/** The code at an address, `0x` where there is none. */
export function code(node: Node, address: string): Promise<string> {
  return ask(node, { method: 'eth_getCode', params: [address, 'latest'] }, Type.String())
}

/** Number of the newest block, or of the newest that the node calls final. */
export async function height(node: Node, tag: 'latest' | 'finalized' = 'latest'): Promise<number> {
  const call = { method: 'eth_getBlockByNumber', params: [tag, false] }
  return Number((await ask(node, call, Rpc.Block)).number)
}

/** A contract did not answer, or another one stands there. */
export class NoAnswerError extends BallotstormError {
  override readonly name = 'Reader.NoAnswerError'
  readonly code = 'CONTRACT_NO_ANSWER'
  readonly exitCode = 107
  readonly remedy =
    'Check that the node runs, and that the contract at this address is the one you mean.'
  constructor(to: string, method: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`${method}() of the contract at ${to} gave no answer that can be read: ${reason}`, {
      cause,
    })
  }
}

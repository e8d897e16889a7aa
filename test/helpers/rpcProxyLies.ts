import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Intent } from '../../scenarios/ballots/Spool.ts'
import type { Rewrite } from './rpcProxy.ts'

/** What a lying node shows in place of a voter's ballot: none, another one, or several. */
export type Lies = ReadonlyMap<number, readonly Intent[]>

const Transaction = Type.Object({
  hash: Type.String(),
  to: Type.Union([Type.String(), Type.Null()]),
  input: Type.String(),
})
const Block = Type.Object({ transactions: Type.Array(Transaction) })
const Log = Type.Object({
  topics: Type.Array(Type.String()),
  data: Type.String(),
  transactionHash: Type.String(),
})

type Transaction = Static<typeof Transaction>
type Log = Static<typeof Log>

/**
 * Tells these lies without a contradiction: in the calldata, in the events, and in the number of
 * transactions, as a node would that replaced the ballots themselves.
 */
export function lie(lies: Lies): Rewrite {
  // A reader asks for a block before its events.
  const batchSizes = new Map<string, number>()
  return (call, result) => {
    const isFullBlock = call.method === 'eth_getBlockByNumber' && call.params[1] === true
    if (isFullBlock && Value.Check(Block, result)) {
      const told = result.transactions.flatMap((one) => transactions(one, lies, batchSizes))
      return { ...result, transactions: told }
    }
    if (call.method === 'eth_getLogs' && Value.Check(Type.Array(Log), result)) {
      return result.flatMap((one) => logs(one, lies, batchSizes))
    }
    return result
  }
}

/** Tells these lies in the events alone, so that the calldata contradicts them. */
export function lieInEvents(lies: Lies): Rewrite {
  const whole = lie(lies)
  return (call, result) => (call.method === 'eth_getLogs' ? whole(call, result) : result)
}

function transactions(
  transaction: Transaction,
  lies: Lies,
  batchSizes: Map<string, number>,
): Transaction[] {
  const parsed = Contract.ballotBox.parseTransaction({ data: transaction.input })
  if (parsed?.name === 'castBatch') {
    const ballots = Batch.decode(Buffer.from(String(parsed.args[0]).slice(2), 'hex'))
    const told = ballots.flatMap((ballot) =>
      (lies.get(ballot.voterIndex) ?? [ballot]).map((intent) => ({ ...ballot, ...intent })),
    )
    batchSizes.set(transaction.hash, told.length)
    const input = Contract.ballotBox.encodeFunctionData('castBatch', [Batch.encode(told)])
    return [{ ...transaction, input }]
  }
  const told = parsed?.name === 'cast' ? lies.get(Number(parsed.args[2])) : undefined
  // A ballot that is told away leaves a transaction behind that seems to have failed.
  if (told === undefined || told.length === 0) return [transaction]
  return told.map(({ pollId, voterIndex, choice }, index) => ({
    ...transaction,
    hash: forged(transaction.hash, index),
    input: Contract.ballotBox.encodeFunctionData('cast', [
      pollId,
      parsed?.args[1],
      voterIndex,
      choice,
    ]),
  }))
}

function logs(log: Log, lies: Lies, batchSizes: ReadonlyMap<string, number>): Log[] {
  const parsed = Contract.ballotBox.parseLog(log)
  const [first, second]: unknown[] = parsed?.args.toArray() ?? []
  if (parsed?.name === 'BatchCast') {
    const size = batchSizes.get(log.transactionHash) ?? Number(first) + Number(second)
    const args = [size - Number(second), second]
    return [{ ...log, ...Contract.ballotBox.encodeEventLog('BatchCast', args) }]
  }
  const told = parsed?.name === 'BallotCast' ? lies.get(Number(second)) : undefined
  if (told === undefined) return [log]
  return told.map(({ pollId, voterIndex, choice }, index) => ({
    ...log,
    transactionHash: forged(log.transactionHash, index),
    ...Contract.ballotBox.encodeEventLog('BallotCast', [pollId, voterIndex, choice]),
  }))
}

function forged(hash: string, index: number): string {
  return index === 0 ? hash : `${hash.slice(0, -2)}${index.toString(16).padStart(2, '0')}`
}

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as CheckedBlock from '../../metrics/blocks/CheckedBlock.ts'
import * as Header from '../../metrics/ethereum/Header.ts'
import * as Transaction from '../../metrics/ethereum/Transaction.ts'
import * as TransactionReceipt from '../../metrics/ethereum/TransactionReceipt.ts'
import * as Trie from '../../metrics/ethereum/Trie.ts'
import * as Rpc from '../../metrics/rpc/Rpc.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Intent } from '../../scenarios/ballots/Spool.ts'
import type { Rewrite } from './rpcProxy.ts'

/** What a lying node shows in place of a voter's ballot: none, another one, or several. */
export type Lies = ReadonlyMap<number, readonly Intent[]>

const Called = Type.Object({ input: Type.String() })
const Block = Type.Object({ transactions: Type.Array(Called) })

type Called = Static<typeof Called>
type Log = TransactionReceipt.Log

/** Tells these lies in the calldata alone, and leaves all hashes as they are. */
export function lie(lies: Lies): Rewrite {
  return ({ method, params }, result) => {
    const isFullBlock = method === 'eth_getBlockByNumber' && params[1] === true
    if (!isFullBlock || !Value.Check(Block, result)) return result
    return { ...result, transactions: result.transactions.flatMap((one) => told(one, lies)) }
  }
}

/** Which part of a transaction a forger alters. */
export type Part = 'calldata and events' | 'events'

type Forged = { hash: string; block: CheckedBlock.Block }

/**
 * Tells these lies as somebody would who makes up the chain from a block on: with transactions,
 * events, roots, names and links that fit. Only seals of validators, whose keys it has not, are lacking.
 */
export function forge(
  url: string,
  { lies, fromBlock, part = 'calldata and events' }: { lies: Lies; fromBlock: number; part?: Part },
): Rewrite {
  const node = Rpc.connect(url)
  const made = new Map<string, Promise<Forged>>()
  const receipts = new Map<string, unknown>()
  const at = async (number: number): Promise<Forged | undefined> => {
    if (number < fromBlock) return undefined
    const [shown] = await CheckedBlock.read(node, [number], [])
    if (shown === undefined || typeof shown === 'string') return undefined
    const known = made.get(shown.hash) ?? make(shown.block)
    made.set(shown.hash, known)
    return known
  }
  const make = async (block: CheckedBlock.Block): Promise<Forged> => {
    const number = Number(block.number)
    const calls = block.transactions.map(({ hash }) => ({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    }))
    const answers = calls.length === 0 ? [] : await node.ask(calls)
    const mined = block.transactions.flatMap((transaction, index) => {
      const receipt = Value.Parse(TransactionReceipt.Schema, answers[index])
      return forged({ transaction, receipt }, lies, part)
    })
    const transactions = mined.map(({ transaction }) => transaction)
    const header = {
      ...block,
      parentHash: (await at(number - 1))?.hash ?? block.parentHash,
      transactionsRoot: Trie.root(transactions.map(Transaction.encode)),
      receiptsRoot: Trie.root(mined.map(({ receipt }) => TransactionReceipt.encode(receipt))),
    }
    const hash = `0x${Header.hash(header).toString('hex')}`
    for (const { receipt } of mined) {
      receipts.set(receipt.transactionHash, { ...receipt, blockHash: hash })
    }
    return { hash, block: { ...header, hash, transactions } }
  }
  return async ({ method, params }, result) => {
    if (method === 'eth_getTransactionReceipt') return receipts.get(String(params[0])) ?? result
    if (method !== 'eth_getBlockByNumber' || !Value.Check(Numbered, result)) return result
    const block = (await at(Number(result.number)))?.block
    if (block === undefined) return result
    return params[1] === true
      ? block
      : { ...block, transactions: block.transactions.map(({ hash }) => hash) }
  }
}

const Numbered = Type.Object({ number: Type.String() })

/** A transaction as it is told: once, or in place of it several. */
function forged(
  { transaction, receipt }: CheckedBlock.Mined,
  lies: Lies,
  part: Part,
): CheckedBlock.Mined[] {
  const logs = (of: Called): Log[] => receipt.logs.flatMap((log) => toldEvents(log, of, lies))
  if (part === 'events') {
    return [{ transaction, receipt: { ...receipt, logs: logs(transaction) } }]
  }
  const all = told(transaction, lies)
  return all.map((one, index) => {
    // Two of the same would have one name.
    const nonce = `0x${(Number(transaction.nonce) + index * NONCE_STEP).toString(16)}`
    const named = { ...one, nonce }
    const hash = Transaction.hash(Transaction.encode(named))
    const own = logs(one).filter((_, at) => all.length === 1 || at === index)
    return {
      transaction: { ...named, hash },
      receipt: { ...receipt, transactionHash: hash, logs: own },
    }
  })
}

const NONCE_STEP = 1000

/** The calldata of a transaction as it is told. */
function told<One extends Called>(transaction: One, lies: Lies): One[] {
  const parsed = Contract.ballotBox.parseTransaction({ data: transaction.input })
  if (parsed?.name === 'castBatch') {
    const ballots = Batch.decode(Buffer.from(String(parsed.args[0]).slice(2), 'hex'))
    const all = ballots.flatMap((ballot) =>
      (lies.get(ballot.voterIndex) ?? [ballot]).map((intent) => ({ ...ballot, ...intent })),
    )
    const input = Contract.ballotBox.encodeFunctionData('castBatch', [Batch.encode(all)])
    return [{ ...transaction, input }]
  }
  const intents = parsed?.name === 'cast' ? lies.get(Number(parsed.args[2])) : undefined
  // A ballot that is told away leaves a transaction behind that seems to have failed.
  if (intents === undefined || intents.length === 0) return [transaction]
  return intents.map(({ pollId, voterIndex, choice }) => {
    const args = [pollId, parsed?.args[1], voterIndex, choice]
    return { ...transaction, input: Contract.ballotBox.encodeFunctionData('cast', args) }
  })
}

/** An event as it is told, of a transaction whose calldata is told so. */
function toldEvents(log: Log, { input }: Called, lies: Lies): Log[] {
  const parsed = Contract.ballotBox.parseLog(log)
  const [, second]: unknown[] = parsed?.args.toArray() ?? []
  if (parsed?.name === 'BatchCast') {
    const call = Contract.ballotBox.parseTransaction({ data: input })
    const size = Batch.decode(Buffer.from(String(call?.args[0]).slice(2), 'hex')).length
    const args = [size - Number(second), second]
    return [{ ...log, ...Contract.ballotBox.encodeEventLog('BatchCast', args) }]
  }
  const intents = parsed?.name === 'BallotCast' ? lies.get(Number(second)) : undefined
  if (intents === undefined) return [log]
  return intents.map(({ pollId, voterIndex, choice }) => ({
    ...log,
    ...Contract.ballotBox.encodeEventLog('BallotCast', [pollId, voterIndex, choice]),
  }))
}

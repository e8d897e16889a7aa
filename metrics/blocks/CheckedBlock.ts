import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'

import * as Header from '../ethereum/Header.ts'
import * as Transaction from '../ethereum/Transaction.ts'
import * as TransactionReceipt from '../ethereum/TransactionReceipt.ts'
import * as Trie from '../ethereum/Trie.ts'
import type * as Rpc from '../rpc/Rpc.ts'

/** A block with its transactions, as a node tells it. */
export const Schema = Type.Object({
  ...Header.Schema.properties,
  /** Of the block as it travels. */
  size: Type.Optional(Type.String({ pattern: '^0x[0-9a-f]{1,16}$' })),
  transactions: Type.Array(Transaction.Schema),
})
const checks = {
  block: Compile(Schema),
  header: Compile(Header.Schema),
  receipt: Compile(TransactionReceipt.Schema),
}

export type Block = Static<typeof Schema>

/** A transaction with its receipt. */
export type Mined = {
  transaction: Transaction.Transaction
  receipt: TransactionReceipt.TransactionReceipt
}

/** A block as a node shows it, in which everything was recomputed that can be without other blocks. */
export type CheckedBlock = {
  number: number
  /** As the node shows it. */
  block: Block
  /** As recomputed from the header's fields. */
  hash: string
  /** The transactions with their receipts, of a block that may concern the contracts; else none. */
  mined: Mined[]
  /** What does not fit: then nothing in the block is to be believed, and `mined` is empty. */
  faults: string[]
  /** False where a transaction is of a type that is not known here: that is no node's fault. */
  isCheckable: boolean
  /**
   * Nothing is wrong but that receipts are not shown, or are of another block, which may have
   * replaced this one meanwhile.
   */
  isPartial: boolean
}

/** `absent` where the node has no such block, `malformed` where its answer has not the form of one. */
export type Shown = CheckedBlock | 'absent' | 'malformed'

/** Calls in one question; geth takes 1,000. */
const CALLS_MAX = 500

/**
 * Reads blocks from a node and recomputes them.
 *
 * @param numbers - heights; one question for all, one more for the receipts that are needed.
 * @param addresses - the contracts whose events matter, lower-case hex.
 * @throws {Rpc.RpcError} where the node gives no answer; an answer that makes no sense is a fault.
 */
export async function read(
  node: Rpc.Rpc,
  numbers: readonly number[],
  addresses: readonly string[],
): Promise<Shown[]> {
  const answers = await node.ask(numbers.map((number) => blockCall(number, true)))
  const blocks = answers.map((answer) => (checks.block.Check(answer) ? answer : undefined))
  const receipts = await readReceipts(node, blocks, addresses)
  return numbers.map((number, index) => {
    const block = blocks[index]
    if (block === undefined) return answers[index] === null ? 'absent' : 'malformed'
    return examine(block, number, receipts[index])
  })
}

/** A header as a node tells it; `undefined` where it has none. */
export async function readHeader(
  node: Rpc.Rpc,
  number: number | 'latest',
): Promise<Header.Header | undefined> {
  const [answer] = await node.ask([blockCall(number, false)])
  return checks.header.Check(answer) ? answer : undefined
}

function examine(block: Block, number: number, receipts: unknown[] | undefined): CheckedBlock {
  const hash = `0x${Header.hash(block).toString('hex')}`
  const faults: string[] = []
  if (Number(block.number) !== number) faults.push(`it says that it is block ${block.number}`)
  if (hash !== block.hash) {
    faults.push(`its header hashes to ${hash}, it is said to be ${block.hash}`)
  }
  const unknown = block.transactions.find((one) => !Transaction.isKnown(one))
  if (unknown === undefined) faults.push(...transactionFaults(block))
  else {
    faults.push(
      `it holds a transaction of type ${Number(unknown.type)}, which cannot be recomputed here`,
    )
  }
  const own = (receipts ?? []).filter((one) => isReceiptIn(block, one))
  const isPartial = faults.length === 0 && own.length < (receipts ?? []).length
  const mined = receipts === undefined ? [] : minedIn(block, own, faults)
  return {
    number,
    block,
    hash,
    mined: faults.length > 0 ? [] : mined,
    faults,
    isCheckable: unknown === undefined,
    isPartial,
  }
}

function isReceiptIn(
  { hash }: Block,
  answer: unknown,
): answer is TransactionReceipt.TransactionReceipt {
  return checks.receipt.Check(answer) && (answer.blockHash ?? hash) === hash
}

function transactionFaults({ transactions, transactionsRoot }: Block): string[] {
  const encoded = transactions.map(Transaction.encode)
  const root = Trie.root(encoded)
  // The root does not cover what a node calls its transactions; evidence names them so.
  const forged = transactions
    .map(({ hash }) => hash)
    .filter((hash, index) => hash !== Transaction.hash(encoded[index] ?? Buffer.alloc(0)))
  const names = forged.slice(0, FORGED_NAMED_MAX).join(', ')
  const altered = forged.length === 0 ? '' : `; altered: ${names}`
  if (root === transactionsRoot && forged.length === 0) return []
  return [
    `its ${transactions.length} transactions hash to the root ${root}, the header holds ${transactionsRoot}${altered}`,
  ]
}

const FORGED_NAMED_MAX = 3

/** The transactions with their receipts, which must hash to the header's receipts root. */
function minedIn(
  block: Block,
  receipts: readonly TransactionReceipt.TransactionReceipt[],
  faults: string[],
): Mined[] {
  const root = Trie.root(receipts.map(TransactionReceipt.encode))
  if (root !== block.receiptsRoot) {
    faults.push(
      `its ${receipts.length} receipts hash to the root ${root}, the header holds ${block.receiptsRoot}: events were hidden, added or altered`,
    )
    return []
  }
  return block.transactions.flatMap((transaction, index) => {
    const receipt = receipts[index]
    return receipt === undefined ? [] : [{ transaction, receipt }]
  })
}

/** The receipts of the blocks that may concern the contracts; `undefined` of the others. */
async function readReceipts(
  node: Rpc.Rpc,
  blocks: readonly (Block | undefined)[],
  addresses: readonly string[],
): Promise<(unknown[] | undefined)[]> {
  const hashes = blocks.map((block) =>
    block !== undefined && isConcerned(block, addresses)
      ? block.transactions.map(({ hash }) => hash)
      : undefined,
  )
  const calls = hashes
    .flatMap((list) => list ?? [])
    .map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] }))
  const answers: unknown[] = []
  for (let from = 0; from < calls.length; from += CALLS_MAX) {
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    answers.push(...(await node.ask(calls.slice(from, from + CALLS_MAX))))
  }
  let next = 0
  return hashes.map((list) => {
    if (list === undefined) return undefined
    next += list.length
    return answers.slice(next - list.length, next)
  })
}

/** The header's bloom filter cannot hide an event: the hash covers it, the receipts must fit it. */
function isConcerned(block: Block, addresses: readonly string[]): boolean {
  return (
    block.transactions.some(({ to }) => addresses.includes(to?.toLowerCase() ?? '')) ||
    addresses.some((contract) => Header.mayHoldLogsOf(block, contract))
  )
}

function blockCall(number: number | 'latest', full: boolean): Rpc.Call {
  const tag = typeof number === 'number' ? `0x${number.toString(16)}` : number
  return { method: 'eth_getBlockByNumber', params: [tag, full] }
}

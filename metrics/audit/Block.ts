import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'

import type * as Rpc from '../rpc/Rpc.ts'
import * as Seal from '../ethereum/consensus/Seal.ts'
import type { Contracts } from '../contracts/Decoder.ts'
import type { Kind } from '../contracts/Target.ts'
import { readBallots, type Mined, type Read } from './readBallots.ts'
import * as Header from '../ethereum/Header.ts'
import * as TransactionReceipt from '../ethereum/TransactionReceipt.ts'
import * as Transaction from '../ethereum/Transaction.ts'
import * as Trie from '../ethereum/Trie.ts'

/** What is looked for in blocks. */
export type Subject = {
  /** Of the contracts. */
  kind: Kind
  contracts: Contracts
  consensus: Seal.Kind
}

/** A block in which everything was recomputed that can be without knowing other blocks. */
export type Facts = Read & {
  number: number
  /** As recomputed from the header's fields. */
  hash: string
  parentHash: string
  /** Unix seconds. */
  timestamp: number
  seal: Seal.Seal
  /** What does not fit: then ballots and polls are not to be believed, and left out. */
  faults: string[]
}

const Schema = Type.Object({
  ...Header.Schema.properties,
  transactions: Type.Array(Transaction.Schema),
})
const checks = {
  block: Compile(Schema),
  header: Compile(Header.Schema),
  receipt: Compile(TransactionReceipt.Schema),
}

type Block = Static<typeof Schema>

/** Calls in one question; geth takes 1,000. */
const CALLS_MAX = 500

/**
 * Reads blocks from a node and recomputes them.
 *
 * @param numbers - heights; one question for all, one more for the receipts that are needed.
 * @throws {Rpc.RpcError} where the node gives no answer; an answer that makes no sense is a fault.
 */
export async function read(
  node: Rpc.Rpc,
  numbers: readonly number[],
  subject: Subject,
): Promise<Facts[]> {
  const answers = await node.ask(numbers.map((number) => blockCall(number, true)))
  const blocks = answers.map((answer) => (checks.block.Check(answer) ? answer : undefined))
  const receipts = await readReceipts(node, blocks, subject)
  return numbers.map((number, index) => {
    const block = blocks[index]
    if (block === undefined) return missing(number, answers[index])
    return examine(block, number, receipts[index], subject)
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

function examine(
  block: Block,
  number: number,
  receipts: unknown[] | undefined,
  subject: Subject,
): Facts {
  const hash = `0x${Header.hash(block).toString('hex')}`
  const facts: Facts = {
    ...blank(number),
    hash,
    parentHash: block.parentHash,
    timestamp: Number(block.timestamp),
    seal: Seal.read(block, subject.consensus),
  }
  const { faults } = facts
  if (Number(block.number) !== number) faults.push(`it says that it is block ${block.number}`)
  if (hash !== block.hash)
    faults.push(`its header hashes to ${hash}, it is said to be ${block.hash}`)
  faults.push(...transactionFaults(block))
  const mined = receipts === undefined ? [] : minedIn(block, receipts, faults)
  if (faults.length > 0) return facts
  return { ...facts, ...readBallots(subject.kind, mined, subject.contracts) }
}

function transactionFaults({ transactions, transactionsRoot }: Block): string[] {
  try {
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
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

const FORGED_NAMED_MAX = 3

/** The transactions with their receipts, which must hash to the header's receipts root. */
function minedIn(block: Block, answers: readonly unknown[], faults: string[]): Mined[] {
  const receipts = answers.filter((one) => checks.receipt.Check(one))
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
  subject: Subject,
): Promise<(unknown[] | undefined)[]> {
  const hashes = blocks.map((block) =>
    block !== undefined && isConcerned(block, subject.contracts)
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
function isConcerned(block: Block, { main, questions }: Contracts): boolean {
  const addresses = [main, ...questions.map(({ address }) => address)]
  return (
    block.transactions.some(({ to }) => addresses.includes(to?.toLowerCase() ?? '')) ||
    addresses.some((contract) => Header.mayHoldLogsOf(block, contract))
  )
}

function missing(number: number, answer: unknown): Facts {
  const fault = answer === null ? 'the node does not have it' : 'the answer has not the form of one'
  return { ...blank(number), faults: [fault] }
}

function blank(number: number): Facts {
  return {
    number,
    hash: '',
    parentHash: '',
    timestamp: 0,
    seal: { kind: 'none' },
    faults: [],
    polls: [],
    roots: [],
    pushes: [],
    transactions: [],
    entries: Buffer.alloc(0),
    contradictions: [],
  }
}

function blockCall(number: number | 'latest', full: boolean) {
  const tag = typeof number === 'number' ? `0x${number.toString(16)}` : number
  return { method: 'eth_getBlockByNumber', params: [tag, full] }
}

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

import { Value } from 'typebox/value'

import * as Header from '../../metrics/ethereum/Header.ts'
import * as Transaction from '../../metrics/ethereum/Transaction.ts'
import * as TransactionReceipt from '../../metrics/ethereum/TransactionReceipt.ts'
import * as Trie from '../../metrics/ethereum/Trie.ts'
import * as CheckedBlock from '../../metrics/blocks/CheckedBlock.ts'
import { call } from './rpcCall.ts'
import * as RpcServer from './rpcServer.ts'

/**
 * What a real node told of a whole chain. Tests that run hundreds of times read it in place of the
 * node; `test/fixtures/chains/record.ts` makes it.
 */
type Block = CheckedBlock.Block

export type Recording<Facts = unknown> = {
  /** Genesis first, with their transactions, as `eth_getBlockByNumber` tells them. */
  blocks: Block[]
  /** By the hash of the transaction. */
  receipts: Record<string, TransactionReceipt.TransactionReceipt>
  /** What else was asked: the results by {@link keyOf} the call. */
  answers: Record<string, RpcServer.Answer>
  /** What whoever recorded knows of the chain. */
  facts: Facts
  /** Files that belong to it (a register, a plan) by their path, in base64. */
  files: Record<string, string>
}

const FOLDER = join(import.meta.dirname, '../fixtures/chains')

/** @param name - of the file in `test/fixtures/chains`. */
export function load<Facts>(name: string): Recording<Facts> {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
}

/** Writes its files into a folder. */
export async function unpack({ files }: Recording, folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), Buffer.from(content, 'base64'))
  }
}

/** A call of a node with this height: what is `latest` there has a number. */
export function at<One extends Call>(height: number, asked: One): One {
  const params = asked.params.map((one) => (one === 'latest' ? toHex(height) : one))
  return { ...asked, params }
}

type Call = { method: string; params: readonly unknown[] }

/** What a call's answer is kept under. */
export function keyOf({ method, params }: Call): string {
  return `${method} ${JSON.stringify(params)}`
}

/**
 * Records a chain: all that a node tells of its blocks, and what it answers while `ask` runs.
 *
 * @param told - `ask` puts to the node all that a test will want to know of the state: at the tip, and
 * at each of the `heights`; `files` are paths below `folder` that belong to the chain.
 */
export async function record(
  name: string,
  told: {
    url: string
    ask: (url: string) => Promise<void>
    heights?: number[]
    facts: unknown
    folder?: string
    files?: string[]
  },
): Promise<void> {
  const { url, ask, facts, heights = [], folder = '', files = [] } = told
  const tip = Number(await call(url, 'eth_blockNumber', []))
  const answers: Recording['answers'] = {}
  for (const height of [...heights, tip]) {
    const node = await RpcServer.start(async (asked) => {
      const { method, params } = at(height, asked)
      if (method === 'eth_blockNumber') return { result: toHex(height) }
      const answer = await call(url, method, [...params]).then(
        (result) => ({ result }),
        (error: unknown) => ({ error: { message: String(error) } }),
      )
      const isOfBlock = method.startsWith('eth_getBlock') || method.startsWith('eth_getTransaction')
      if (!isOfBlock) answers[keyOf({ method, params })] = answer
      return answer
    })
    try {
      await ask(node.url)
    } finally {
      await node.close()
    }
  }
  const blocks: Block[] = []
  const receipts: Recording['receipts'] = {}
  for (let number = 0; number <= tip; number += 1) {
    const block = await call(url, 'eth_getBlockByNumber', [toHex(number), true])
    if (!Value.Check(CheckedBlock.Schema, block)) throw new Error(`block ${number} is none`)
    blocks.push(block)
    for (const { hash } of block.transactions) {
      const receipt = await call(url, 'eth_getTransactionReceipt', [hash])
      if (!Value.Check(TransactionReceipt.Schema, receipt)) throw new Error(`${hash}: no receipt`)
      receipts[hash] = receipt
    }
  }
  const contents = files
    .flatMap((file) => filesIn(join(folder, file)))
    .map((file) => [relative(folder, file), readFileSync(file).toString('base64')])
  const recording = { blocks, receipts, answers, facts, files: Object.fromEntries(contents) }
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(recording)}\n`)
}

function toHex(number: number): string {
  return `0x${number.toString(16)}`
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)))
}

/** The chain as it would be had its blocks come a second later, from one of them on. */
export function delay<Facts>(recording: Recording<Facts>, from: number): Recording<Facts> {
  return fork(recording, from, ({ block, receipts }) => {
    const timestamp = toHex(Number(block.timestamp) + 1)
    return { block: { ...block, timestamp }, receipts }
  })
}

/** A block with its receipts. */
export type Told = { block: Block; receipts: TransactionReceipt.TransactionReceipt[] }

/**
 * The chain as it would be had it gone another way from a block on: roots, hashes and links fit, only
 * seals are lacking.
 *
 * @param change - what is different in a block; whatever it leaves alone stays.
 */
export function fork<Facts>(
  recording: Recording<Facts>,
  from: number,
  change: (told: Told) => Told,
): Recording<Facts> {
  const blocks = recording.blocks.slice(0, from)
  const receipts = { ...recording.receipts }
  for (const block of recording.blocks.slice(from)) {
    const own = block.transactions.flatMap(({ hash }) => recording.receipts[hash] ?? [])
    const changed = change({ block, receipts: own })
    const named = changed.block.transactions.map((transaction) => ({
      ...transaction,
      hash: Transaction.hash(Transaction.encode(transaction)),
    }))
    const header = {
      ...changed.block,
      parentHash: blocks.at(-1)?.hash ?? block.parentHash,
      transactionsRoot: Trie.root(named.map(Transaction.encode)),
      receiptsRoot: Trie.root(changed.receipts.map(TransactionReceipt.encode)),
    }
    const hash = `0x${Header.hash(header).toString('hex')}`
    const transactions = named.map((transaction) => ({ ...transaction, blockHash: hash }))
    for (const [index, receipt] of changed.receipts.entries()) {
      const transactionHash = named[index]?.hash ?? receipt.transactionHash
      receipts[transactionHash] = { ...receipt, transactionHash, blockHash: hash }
    }
    blocks.push({ ...header, hash, transactions })
  }
  return { ...recording, blocks, receipts }
}

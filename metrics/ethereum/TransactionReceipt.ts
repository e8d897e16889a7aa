import { Type, type Static } from 'typebox'

import * as Rlp from './Rlp.ts'

const Quantity = Type.String({ pattern: '^0x[0-9a-f]{1,64}$' })
const Bytes = Type.String({ pattern: '^0x([0-9a-f]{2})*$' })
const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' })

/** What became of a transaction, as a node tells it: in Ethereum's words, its receipt. */
export const Schema = Type.Object({
  transactionHash: Hash,
  blockHash: Type.Optional(Hash),
  type: Type.Optional(Quantity),
  status: Type.Optional(Quantity),
  /** In place of the status, before Byzantium. */
  root: Type.Optional(Type.Union([Bytes, Type.Null()])),
  cumulativeGasUsed: Quantity,
  logsBloom: Type.String({ pattern: '^0x[0-9a-f]{512}$' }),
  logs: Type.Array(
    Type.Object({
      address: Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' }),
      topics: Type.Array(Hash, { maxItems: 4 }),
      data: Bytes,
    }),
  ),
})

export type TransactionReceipt = Static<typeof Schema>
export type Log = TransactionReceipt['logs'][number]

/** The bytes that the block's receipts root is made of: they hold every event. */
export function encode(receipt: TransactionReceipt): Buffer {
  const { bytes, integer } = Rlp
  const { status, root, cumulativeGasUsed, logsBloom, logs } = receipt
  const encoded = Rlp.encode([
    status === undefined ? bytes(root ?? '0x') : integer(status),
    integer(cumulativeGasUsed),
    bytes(logsBloom),
    logs.map(({ address, topics, data }) => [bytes(address), topics.map(bytes), bytes(data)]),
  ])
  const type = Number(receipt.type ?? 0)
  return type === 0 ? encoded : Buffer.concat([Buffer.from([type]), encoded])
}

/** Whether the transaction was carried out and not reverted. */
export function isDone({ status }: TransactionReceipt): boolean {
  return status === undefined || Number(status) === 1
}

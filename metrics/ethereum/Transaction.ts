import secp256k1 from 'secp256k1'
import { Type, type Static } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Rlp from './Rlp.ts'

const Quantity = Type.String({ pattern: '^0x[0-9a-f]{1,64}$' })
const Bytes = Type.String({ pattern: '^0x([0-9a-f]{2})*$' })
const Account = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' })

/** A transaction as a node tells it. */
export const Schema = Type.Object({
  hash: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
  type: Type.Optional(Quantity),
  chainId: Type.Optional(Type.Union([Quantity, Type.Null()])),
  nonce: Quantity,
  gasPrice: Type.Optional(Type.Union([Quantity, Type.Null()])),
  maxPriorityFeePerGas: Type.Optional(Quantity),
  maxFeePerGas: Type.Optional(Quantity),
  gas: Quantity,
  to: Type.Optional(Type.Union([Account, Type.Null()])),
  value: Quantity,
  input: Bytes,
  accessList: Type.Optional(
    Type.Union([
      Type.Array(Type.Object({ address: Account, storageKeys: Type.Array(Bytes) })),
      Type.Null(),
    ]),
  ),
  v: Quantity,
  r: Quantity,
  s: Quantity,
})

export type Transaction = Static<typeof Schema>

/** Whether the type is one whose bytes are known here. */
export function isKnown({ type }: Pick<Transaction, 'type'>): boolean {
  return Number(type ?? 0) <= TYPE_MAX
}

/** EIP-1559; blobs (EIP-4844) and later ones have none on a private chain. */
const TYPE_MAX = 2

/**
 * The bytes that went into the block: what the transaction root is made of.
 *
 * @throws {UnknownTypeError}
 */
export function encode(transaction: Transaction): Buffer {
  const { type, fields } = unsigned(transaction)
  const [v, r, s] = [transaction.v, transaction.r, transaction.s].map(Rlp.integer)
  return typed(type, [...fields, v ?? EMPTY, r ?? EMPTY, s ?? EMPTY])
}

/**
 * The address (20 bytes) that signed the transaction, recomputed; `undefined` where nobody did.
 *
 * @throws {UnknownTypeError}
 */
export function sender(transaction: Transaction): Buffer | undefined {
  const { type, fields } = unsigned(transaction)
  const v = Number(transaction.v)
  const isBound = type === 0 && v >= 35
  const recovery = type > 0 ? v : isBound ? (v - 35) % 2 : v - 27
  const chain = [Rlp.integer(`0x${Math.floor((v - 35) / 2).toString(16)}`), EMPTY, EMPTY]
  const digest = keccak256(typed(type, isBound ? [...fields, ...chain] : fields))
  try {
    const signature = Buffer.concat([word(transaction.r), word(transaction.s)])
    return Address.fromPublicKey(secp256k1.ecdsaRecover(signature, recovery, digest, false))
  } catch {
    return undefined
  }
}

/** What a transaction with these bytes is called. */
export function hash(encoded: Uint8Array): string {
  return `0x${keccak256(encoded).toString('hex')}`
}

const EMPTY = Buffer.alloc(0)

function unsigned(transaction: Transaction): { type: number; fields: Rlp.Item[] } {
  const { integer, bytes } = Rlp
  const { nonce, gas, to, value, input, accessList, chainId } = transaction
  const type = Number(transaction.type ?? 0)
  const price = integer(transaction.gasPrice ?? '0x')
  const common = [integer(gas), bytes(to ?? '0x'), integer(value), bytes(input)]
  if (type === 0) return { type, fields: [integer(nonce), price, ...common] }
  const access = (accessList ?? []).map(({ address, storageKeys }) => [
    bytes(address),
    storageKeys.map(bytes),
  ])
  const head = [integer(chainId ?? '0x'), integer(nonce)]
  if (type === 1) return { type, fields: [...head, price, ...common, access] }
  if (type !== 2) throw new UnknownTypeError(type)
  const fees = [transaction.maxPriorityFeePerGas, transaction.maxFeePerGas]
  return { type, fields: [...head, ...fees.map((fee) => integer(fee ?? '0x')), ...common, access] }
}

function typed(type: number, fields: readonly Rlp.Item[]): Buffer {
  const encoded = Rlp.encode(fields)
  return type === 0 ? encoded : Buffer.concat([Buffer.from([type]), encoded])
}

function word(hex: string): Buffer {
  return Buffer.from(hex.slice(2).padStart(64, '0'), 'hex')
}

/** A transaction has a type that is not known here, so that the root of its block cannot be recomputed. */
export class UnknownTypeError extends BallotstormError {
  override readonly name = 'Transaction.UnknownTypeError'
  readonly code = 'TRANSACTION_TYPE'
  readonly exitCode = 1
  readonly remedy = 'Audit a chain whose clients send only transactions of these types.'
  constructor(type: number) {
    super(`The transaction is of type ${type}; only 0, 1 and 2 can be recomputed.`)
  }
}

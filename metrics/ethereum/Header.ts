import { Type, type Static } from 'typebox'

import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Qbft from './consensus/Qbft.ts'
import * as Rlp from './Rlp.ts'

const Quantity = Type.String({ pattern: '^0x[0-9a-f]{1,64}$' })
const Bytes = Type.String({ pattern: '^0x([0-9a-f]{2})*$' })
const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' })

/** A block's header as a node tells it; the last six came with later forks. */
export const Schema = Type.Object({
  hash: Hash,
  parentHash: Hash,
  sha3Uncles: Hash,
  miner: Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' }),
  stateRoot: Hash,
  transactionsRoot: Hash,
  receiptsRoot: Hash,
  logsBloom: Type.String({ pattern: '^0x[0-9a-f]{512}$' }),
  difficulty: Quantity,
  number: Quantity,
  gasLimit: Quantity,
  gasUsed: Quantity,
  timestamp: Quantity,
  extraData: Bytes,
  mixHash: Hash,
  nonce: Type.String({ pattern: '^0x[0-9a-f]{16}$' }),
  baseFeePerGas: Type.Optional(Quantity),
  withdrawalsRoot: Type.Optional(Hash),
  blobGasUsed: Type.Optional(Quantity),
  excessBlobGas: Type.Optional(Quantity),
  parentBeaconBlockRoot: Type.Optional(Hash),
  requestsHash: Type.Optional(Hash),
})

export type Header = Static<typeof Schema>

/** The hash that the header must have, recomputed from its fields; 32 bytes. */
export function hash(header: Header): Buffer {
  if (header.mixHash !== Qbft.MIX_HASH) return hashWith(header, Rlp.bytes(header.extraData))
  // A block of QBFT is known by what its validators sealed, whichever of them did.
  return hashWith(header, Qbft.unsealed(header.extraData, 0) ?? Rlp.bytes(header.extraData))
}

/** The hash of the header with another `extraData`: what validators sign holds no seals. */
export function hashWith(header: Header, extraData: Uint8Array): Buffer {
  const { bytes, integer } = Rlp
  const later = [
    header.baseFeePerGas === undefined ? [] : integer(header.baseFeePerGas),
    header.withdrawalsRoot === undefined ? [] : bytes(header.withdrawalsRoot),
    header.blobGasUsed === undefined ? [] : integer(header.blobGasUsed),
    header.excessBlobGas === undefined ? [] : integer(header.excessBlobGas),
    header.parentBeaconBlockRoot === undefined ? [] : bytes(header.parentBeaconBlockRoot),
    header.requestsHash === undefined ? [] : bytes(header.requestsHash),
  ]
  return keccak256(
    Rlp.encode([
      bytes(header.parentHash),
      bytes(header.sha3Uncles),
      bytes(header.miner),
      bytes(header.stateRoot),
      bytes(header.transactionsRoot),
      bytes(header.receiptsRoot),
      bytes(header.logsBloom),
      integer(header.difficulty),
      integer(header.number),
      integer(header.gasLimit),
      integer(header.gasUsed),
      integer(header.timestamp),
      extraData,
      bytes(header.mixHash),
      bytes(header.nonce),
      ...later.filter((field) => field instanceof Uint8Array),
    ]),
  )
}

/** Whether the block may hold events of the contract; false is certain, by the hashed bloom filter. */
export function mayHoldLogsOf(header: Header, contract: string): boolean {
  const bloom = Rlp.bytes(header.logsBloom)
  const hashed = keccak256(Rlp.bytes(contract))
  return [0, 2, 4].every((at) => {
    const bit = hashed.readUInt16BE(at) % 2048
    return ((bloom[255 - (bit >> 3)] ?? 0) >> (bit & 7)) % 2 === 1
  })
}

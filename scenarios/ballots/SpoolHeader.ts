import { createHash } from 'node:crypto'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Path from './Path.ts'

/** Bytes that a header takes: JSON, padded with spaces. */
export const SIZE_BYTES = 1024

/** Bytes of a record by the path that its ballot goes. */
export const RECORD_SIZE_BYTES = { api: 96, rpc: 288 } as const

/** Records under one digest: 0.4 to 1.2 MB, signed in a quarter of a second. */
export const BLOCK_RECORDS = 4096

/** Bumped with every change of header or record. */
export const VERSION = 3

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Keccak256 = Type.String({ pattern: '^0x[0-9a-f]{64}$' })

export const Schema = Type.Object(
  {
    format: Type.Literal('ballotstorm/spool'),
    version: Type.Literal(VERSION),
    path: Path.Schema,
    seed: Type.String(),
    chainId: Type.Integer({ minimum: 1 }),
    verifyingContract: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
    /** Keccak-256 of the contract's deployed code. */
    codeHash: Keccak256,
    ballotType: Type.String(),
    /** Keccak-256 over the digests of all polls in order. */
    pollsDigest: Keccak256,
    /** SHA-256 of what decides who votes when, and how. */
    orderDigest: Sha256,
    /** Which share of the ballots this is: every `of`-th, beginning with number `index` − 1. */
    segment: Type.Object(
      { index: Type.Integer({ minimum: 1 }), of: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
    recordSizeBytes: Type.Integer({ minimum: 1 }),
    blockRecords: Type.Literal(BLOCK_RECORDS),
    count: Type.Integer({ minimum: 0 }),
    /** SHA-256 over the digests of all blocks. */
    blocksSha256: Sha256,
    /** SHA-256 over this header without this field: stands for every byte of the file. */
    sha256: Sha256,
  },
  { additionalProperties: false },
)

export type Header = Static<typeof Schema>

/** What a header says before a ballot is signed. */
export type Binding = Pick<
  Header,
  | 'path'
  | 'seed'
  | 'chainId'
  | 'verifyingContract'
  | 'codeHash'
  | 'ballotType'
  | 'pollsDigest'
  | 'orderDigest'
  | 'segment'
>

/**
 * The header of so many records.
 *
 * @param digests - of all blocks, one after the other.
 * @throws {BindingError} where the header would be malformed, or longer than its place.
 */
export function create(binding: Binding, count: number, digests: Uint8Array): Header {
  // Field by field, so that the same binding gives the same bytes whoever made the object.
  const bare = {
    format: 'ballotstorm/spool',
    version: VERSION,
    path: binding.path,
    seed: binding.seed,
    chainId: binding.chainId,
    verifyingContract: binding.verifyingContract,
    codeHash: binding.codeHash,
    ballotType: binding.ballotType,
    pollsDigest: binding.pollsDigest,
    orderDigest: binding.orderDigest,
    segment: { index: binding.segment.index, of: binding.segment.of },
    recordSizeBytes: RECORD_SIZE_BYTES[binding.path],
    blockRecords: BLOCK_RECORDS,
    count,
    blocksSha256: createHash('sha256').update(digests).digest('hex'),
  } as const
  const header = { ...bare, sha256: digest(bare) }
  const [problem] = Value.Errors(Schema, header)
  if (problem !== undefined) throw new BindingError(`${problem.instancePath} ${problem.message}`)
  const lengthBytes = Buffer.byteLength(JSON.stringify(header))
  if (lengthBytes > SIZE_BYTES) {
    throw new BindingError(`it takes ${lengthBytes} of ${SIZE_BYTES} bytes; shorten the seed`)
  }
  return header
}

/** The header as it stands in the file. */
export function toBytes(header: Header): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  return Buffer.concat([text, Buffer.alloc(SIZE_BYTES - text.length, ' ')])
}

/** The header in a file's first bytes; `undefined` where there is none, or not one of this form. */
export function fromBytes(bytes: Buffer): Header | undefined {
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8'))
    return Value.Check(Schema, header) ? header : undefined
  } catch {
    return undefined
  }
}

/** Whether these bytes are, to the last one, the header that was written. */
export function isIntact(header: Header, bytes: Buffer): boolean {
  const { sha256, ...bare } = header
  return digest(bare) === sha256 && toBytes(header).equals(bytes)
}

function digest(bare: Omit<Header, 'sha256'>): string {
  return createHash('sha256').update(JSON.stringify(bare)).digest('hex')
}

/** A spool was to be written with a header that cannot be. */
export class BindingError extends BallotstormError {
  override readonly name = 'Spool.BindingError'
  readonly code = 'SPOOL_BINDING'
  readonly exitCode = 1
  readonly remedy = 'Give a chain id, contract and counts that fit the form of a spool.'
  constructor(problem: string) {
    super(`A spool cannot have this header: ${problem}.`)
  }
}

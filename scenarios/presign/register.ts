import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as Address from '../ballots/Address.ts'
import { REGISTER_CHUNK_VOTERS } from '../ballots/Contract.ts'
import * as Register from '../ballots/Register.ts'
import * as Electorate from '../population/Electorate.ts'

export type Options = {
  electorate: Electorate.Electorate
  /** Where the register goes; what it was made from stands beside it, in `<file>.json`. */
  file: string
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** Bumped with every change that gives the same electorate another register. */
const VERSION = 1

const OriginSchema = Type.Object(
  {
    version: Type.Literal(VERSION),
    seed: Type.String(),
    size: Type.Integer({ minimum: 1 }),
    commitment: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)

/**
 * Writes the address of every voter of an electorate, chunk by chunk (one core makes about 30,000 a
 * second), unless the file holds them already.
 *
 * @returns the register's commitment, 32 bytes.
 */
export function register({ electorate, file, onProgress }: Options): Buffer {
  const known = commitmentOf(file, electorate)
  if (known !== undefined) return known
  const partFile = `${file}.part`
  const descriptor = openSync(partFile, 'w')
  try {
    for (let first = 0; first < electorate.size; first += REGISTER_CHUNK_VOTERS) {
      const count = Math.min(REGISTER_CHUNK_VOTERS, electorate.size - first)
      writeSync(descriptor, addresses(electorate.seed, first, count))
      onProgress?.(first + count, electorate.size)
    }
  } finally {
    closeSync(descriptor)
  }
  renameSync(partFile, file)
  const commitment = Register.commitment(Register.chunks(file))
  const origin = { version: VERSION, ...electorate, commitment: `0x${commitment.toString('hex')}` }
  writeFileSync(`${file}.json`, `${JSON.stringify(origin)}\n`)
  return commitment
}

/** The commitment of a register that was made before from the same electorate and is whole. */
function commitmentOf(file: string, electorate: Electorate.Electorate): Buffer | undefined {
  const originFile = `${file}.json`
  if (!existsSync(originFile) || !existsSync(file)) return undefined
  const origin = parse(readFileSync(originFile, 'utf8'))
  if (!Value.Check(OriginSchema, origin)) return undefined
  if (origin.seed !== electorate.seed || origin.size !== electorate.size) return undefined
  try {
    const commitment = Register.commitment(Register.chunks(file))
    return origin.commitment === `0x${commitment.toString('hex')}` ? commitment : undefined
  } catch {
    return undefined
  }
}

function addresses(seed: string, first: number, count: number): Buffer {
  const chunk = Buffer.alloc(count * Address.SIZE_BYTES)
  for (let index = 0; index < count; index += 1) {
    const address = Address.fromPrivateKey(Electorate.privateKey(seed, first + index))
    chunk.set(address, index * Address.SIZE_BYTES)
  }
  return chunk
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

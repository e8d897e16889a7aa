import { getCreateAddress } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { SIZE_BYTES } from '../../scenarios/ballots/Address.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import * as Register from '../../scenarios/ballots/Register.ts'
import type * as Rpc from '../rpc/Rpc.ts'

/** A register of voters: 20 bytes each, in memory. */
export type Voters = {
  count: number
  /** The voter's address (20 bytes, a view), `undefined` past the end. */
  at(voterIndex: number): Buffer | undefined
  /** Recomputed from the addresses, 32 bytes: what the polls' digests are bound to. */
  commitment: Buffer
}

const CHUNK_BYTES = Contract.REGISTER_CHUNK_VOTERS * SIZE_BYTES

/** Chunks of the register in one question: 5 MB as hex. */
const CHUNKS_PER_QUESTION = 100

/** 1 GB of addresses: four times the greatest city. */
const VOTERS_MAX = 50_000_000

/** Reads a register file. */
export function fromFile(file: string): Voters {
  return of(Array.from(Register.chunks(file)))
}

/**
 * Reads a register from the chain: the code of the small contracts that it created. What a node
 * alters in it changes the commitment, and so fits no poll's digest.
 *
 * @param register - lower-case hex.
 * @throws {Rpc.RpcError}
 */
export async function fromChain(node: Rpc.Rpc, register: string): Promise<Voters> {
  const data = Contract.voterRegister.encodeFunctionData('voterCount')
  const [answer] = await node.ask([
    { method: 'eth_call', params: [{ to: register, data }, 'latest'] },
  ])
  const said = Number(answer)
  const count = Number.isSafeInteger(said) && said <= VOTERS_MAX ? said : 0
  const chunkCount = Math.ceil(count / Contract.REGISTER_CHUNK_VOTERS)
  const chunks: Buffer[] = []
  while (chunks.length < chunkCount) {
    const size = Math.min(CHUNKS_PER_QUESTION, chunkCount - chunks.length)
    const calls = Array.from({ length: size }, (_, index) => ({
      method: 'eth_getCode',
      // A contract's first creation has nonce 1.
      params: [getCreateAddress({ from: register, nonce: chunks.length + index + 1 }), 'latest'],
    }))
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    const codes = await node.ask(calls)
    chunks.push(...codes.map(addressesIn))
    // All but the last are full; who claims more voters than there are is not asked on.
    if (chunks.length < chunkCount && chunks.some(({ length }) => length !== CHUNK_BYTES)) break
  }
  return of(chunks)
}

/** The first byte of a chunk's code is STOP. */
function addressesIn(code: unknown): Buffer {
  if (!Value.Check(Type.String({ pattern: '^0x[0-9a-f]*$' }), code)) return Buffer.alloc(0)
  return Buffer.from(code.slice('0x00'.length), 'hex')
}

function of(chunks: readonly Buffer[]): Voters {
  const packed = Buffer.concat(chunks)
  const count = Math.floor(packed.length / SIZE_BYTES)
  return {
    count,
    at: (voterIndex) =>
      voterIndex < count
        ? packed.subarray(voterIndex * SIZE_BYTES, (voterIndex + 1) * SIZE_BYTES)
        : undefined,
    commitment: Register.commitment(chunks),
  }
}

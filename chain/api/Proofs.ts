import { Type, type Static } from 'typebox'

import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as LegacyTransaction from '../../scenarios/ballots/LegacyTransaction.ts'
import type { MerkleTree } from '../../scenarios/ballots/MerkleTree.ts'
import * as Batches from '../database/Batches.ts'
import type * as Pool from '../database/Pool.ts'

/** What Anchor.isIncluded checks, with nothing but this and the chain's root. */
export const Schema = Type.Object(
  {
    root: Type.String({
      pattern: '^0x[0-9a-f]{64}$',
      description: 'As the batch has it on the chain',
    }),
    siblings: Type.Array(Type.String({ pattern: '^0x[0-9a-f]{64}$' }), {
      description: 'From the ballot’s leaf up to the root',
    }),
    pollId: Type.Integer(),
    voterIndex: Type.Integer(),
    choice: Type.Integer(),
    block: Type.Integer({ minimum: 0, description: 'Number of its block' }),
    transaction: Type.String({ pattern: '^0x[0-9a-f]{64}$', description: 'Hash of its batch' }),
  },
  { additionalProperties: false, description: 'Proves that the ballot is in an anchored batch.' },
)

export type Proof = Static<typeof Schema>

/** Proves of ballots that batches hold them. */
export type Proofs = {
  /** `undefined` where the batch does not hold the ballot. Rejects with Pool.UnreachableError. */
  of(
    batchId: number,
    ballot: Anchor.Anchored,
  ): Promise<Pick<Proof, 'root' | 'siblings'> | undefined>
}

type Batch = { tree: MerkleTree; placeOf: Map<string, number> }

/** Batches kept, up to about 1 MB each: a crowd asks for the receipts of the same few minutes. */
const BATCHES_MAX = 32

/** Proofs from the relayer's own transactions; a tree is made once (40 ms) and kept for a while. */
export function create(pool: Pool.Pool): Proofs {
  const batches = new Map<number, Promise<Batch | undefined>>()

  function find(batchId: number): Promise<Batch | undefined> {
    const batch = batches.get(batchId) ?? read(pool, batchId)
    // Set anew, so that the first of the map is the one that was not asked for the longest.
    batches.delete(batchId)
    batches.set(batchId, batch)
    batch.catch(() => batches.delete(batchId))
    const [oldest] = batches.keys()
    if (batches.size > BATCHES_MAX && oldest !== undefined) batches.delete(oldest)
    return batch
  }

  return {
    async of(batchId, ballot) {
      const batch = await find(batchId)
      const place = batch?.placeOf.get(keyOf(ballot))
      if (batch === undefined || place === undefined) return undefined
      return { root: batch.tree.root, siblings: batch.tree.proof(place) }
    },
  }
}

async function read(pool: Pool.Pool, batchId: number): Promise<Batch | undefined> {
  const raw = await Batches.transactionOf(pool, batchId)
  if (raw === undefined) return undefined
  const ballots = Anchor.decode(Anchor.packedOf(LegacyTransaction.decode(raw).data))
  return {
    tree: Anchor.tree(ballots),
    placeOf: new Map(ballots.map((ballot, place) => [keyOf(ballot), place])),
  }
}

function keyOf({ pollId, voterIndex, choice }: Anchor.Anchored): string {
  return `${pollId}/${voterIndex}/${choice}`
}

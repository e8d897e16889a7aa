import type { Batch } from './Journal.ts'
import type { Parts } from './Parts.ts'

/**
 * Marks as final what the finality rule says can vanish no more: asked once for each block that
 * holds batches, not for each batch.
 *
 * @param headNumber - height of the newest block that was read.
 */
export async function finalise(
  parts: Parts,
  included: readonly Batch[],
  headNumber: number,
): Promise<void> {
  const blocks = new Map<string, { number: number; batchIds: number[] }>()
  for (const { batchId, blockNumber, blockHash } of included) {
    if (blockNumber === undefined || blockHash === undefined) continue
    const block = blocks.get(blockHash) ?? { number: blockNumber, batchIds: [] }
    blocks.set(blockHash, { ...block, batchIds: [...block.batchIds, batchId] })
  }
  if (blocks.size === 0) return
  const isFinal = await rule(parts, headNumber)
  for (const [hash, { number, batchIds }] of blocks) {
    if (!(await isFinal(number, hash))) continue
    await parts.journal.markFinal(batchIds)
    parts.metrics.batches('final', batchIds.length)
  }
}

type IsFinal = (number: number, hash: string) => Promise<boolean>

async function rule({ chain, limits }: Parts, headNumber: number): Promise<IsFinal> {
  const { finality } = limits
  if (finality.kind === 'instant') return async () => true
  if (finality.kind === 'depth') {
    return async (number, hash) => {
      if (headNumber - number < finality.depth) return false
      const { agreeing, nodes } = await chain.agreement(number, hash)
      return agreeing * 2 > nodes
    }
  }
  const finalNumber = (await chain.finalizedNumber()) ?? -1
  return async (number, hash) => number <= finalNumber && (await chain.block(number))?.hash === hash
}

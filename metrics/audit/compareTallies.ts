import type { Contracts, Tallies } from '../contracts/Decoder.ts'
import { decoderOf } from '../contracts/decoderOf.ts'
import type { Kind } from '../contracts/Target.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import type { Ledger } from './walk.ts'

/**
 * Asks every node for the contract's own result as of the last verified block, and holds it against
 * the recount.
 *
 * @returns what the first node says.
 */
export async function compareTallies(
  ledger: Ledger,
  nodes: readonly Rpc.Rpc[],
  { kind, contracts }: { kind: Kind; contracts: Contracts },
): Promise<Tallies> {
  const polls = ledger.polls.all()
  const decoder = decoderOf(kind)
  const pollIds = polls.map(({ poll }) => poll.pollId)
  const at = { contracts, block: ledger.chain.number }
  const told = await Promise.all(nodes.map((node) => decoder.readTallies(node, pollIds, at)))
  for (const [index, node] of nodes.entries()) {
    for (const poll of polls) {
      const tally = told[index]?.get(poll.poll.pollId)
      const recount = decoder.tallyOf(poll.counts)
      // Blocks that were not shown may hold the difference.
      if (tally === undefined || ledger.chain.brokenCount > 0) continue
      if (isSame(tally, recount)) continue
      ledger.findings.add({
        kind: 'tallyMismatch',
        pollId: poll.poll.pollId,
        message: `In poll ${poll.poll.pollId} the contract tells ${tally.join(', ')} by ${node.name}, the recount gives ${recount.join(', ')}.`,
        evidence: {
          node: node.name,
          block: ledger.chain.number,
          blockHash: ledger.chain.hash,
          tally: tally.join(','),
          recount: recount.join(','),
        },
      })
    }
  }
  return told[0] ?? new Map()
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index])
}

import type * as Rpc from '../rpc/Rpc.ts'
import * as Block from './Block.ts'
import type { SignedTwice } from './checkReceipts.ts'
import * as Entries from './Entries.ts'

/** With the signature that counts, or the address that sent the transaction, as hex. */
export type Proven = SignedTwice & { countedBy: string }

/** Reads the voters' second signatures again: the blocks were verified, the ballots are not kept. */
export async function signaturesOf(
  twice: readonly SignedTwice[],
  nodes: readonly Rpc.Rpc[],
  subject: Block.Subject,
): Promise<Proven[]> {
  const found: Proven[] = []
  for (const one of twice) {
    let countedBy = 'no node shows it again'
    for (const node of nodes) {
      // oxlint-disable-next-line no-await-in-loop -- the next node is asked where this one does not tell
      const [facts] = await Block.read(node, [one.block], subject).catch(() => [])
      const entry = facts && entryOf(Buffer.from(facts.entries), one)
      if (entry === undefined) continue
      countedBy = `0x${Buffer.from(entry.proof.bytes).toString('hex', 0, PROOF_BYTES[entry.proof.kind])}`
      break
    }
    found.push({ ...one, countedBy })
  }
  return found
}

/** Of a transaction of the voter's own the address comes first. */
const PROOF_BYTES: Readonly<Record<string, number>> = { signature: 65, sender: 20 }

function entryOf(entries: Buffer, { pollId, voterIndex, countedChoice }: SignedTwice) {
  return Array.from({ length: Entries.count(entries) }, (_, index) =>
    Entries.at(entries, index),
  ).find(
    (one) =>
      one.pollId === pollId &&
      one.voterIndex === voterIndex &&
      one.choice === countedChoice &&
      one.skipReason === 0,
  )
}

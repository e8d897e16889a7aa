import type * as Rpc from '../rpc/Rpc.ts'
import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import * as Seal from '../ethereum/consensus/Seal.ts'
import type { Contracts } from '../contracts/Decoder.ts'
import type { Kind } from '../contracts/Target.ts'
import { readBallots, type Read } from './readBallots.ts'

/** What is looked for in blocks. */
export type Subject = {
  /** Of the contracts. */
  kind: Kind
  contracts: Contracts
  consensus: Seal.Kind
}

/** A block in which everything was recomputed that can be without knowing other blocks. */
export type Facts = Read & {
  number: number
  /** As recomputed from the header's fields. */
  hash: string
  parentHash: string
  /** Unix seconds. */
  timestamp: number
  seal: Seal.Seal
  /** What does not fit: then ballots and polls are not to be believed, and left out. */
  faults: string[]
}

/**
 * Reads blocks from a node and recomputes them.
 *
 * @param numbers - heights; one question for all, one more for the receipts that are needed.
 * @throws {Rpc.RpcError} where the node gives no answer; an answer that makes no sense is a fault.
 */
export async function read(
  node: Rpc.Rpc,
  numbers: readonly number[],
  subject: Subject,
): Promise<Facts[]> {
  const { main, questions } = subject.contracts
  const addresses = [main, ...questions.map(({ address }) => address)]
  const shown = await CheckedBlock.read(node, numbers, addresses)
  return shown.map((one, index) => factsOf(one, numbers[index] ?? 0, subject))
}

function factsOf(shown: CheckedBlock.Shown, number: number, subject: Subject): Facts {
  if (shown === 'absent') return { ...blank(number), faults: ['the node does not have it'] }
  if (shown === 'malformed') {
    return { ...blank(number), faults: ['the answer has not the form of one'] }
  }
  const { block, hash, mined, faults } = shown
  const facts: Facts = {
    ...blank(number),
    hash,
    parentHash: block.parentHash,
    timestamp: Number(block.timestamp),
    seal: Seal.read(block, subject.consensus),
    faults,
  }
  if (faults.length > 0) return facts
  return { ...facts, ...readBallots(subject.kind, mined, subject.contracts) }
}

function blank(number: number): Facts {
  return {
    number,
    hash: '',
    parentHash: '',
    timestamp: 0,
    seal: { kind: 'none' },
    faults: [],
    polls: [],
    roots: [],
    pushes: [],
    transactions: [],
    entries: Buffer.alloc(0),
    contradictions: [],
  }
}

import type { Finding } from '../Run.ts'
import type { PollOnChain } from './Acknowledgement.ts'
import type { Findings } from './Findings.ts'
import { identify } from './History.ts'
import * as Ledger from './Ledger.ts'
import { STANDSTILL_MS } from '../verdict/limits.ts'
import { isFinal, type CanonicalBlock } from './CanonicalChain.ts'

export type Inputs = {
  ledger: Ledger.Ledger
  blocks: readonly CanonicalBlock[]
  polls: readonly PollOnChain[]
  findings: Findings
  /** Unix ms at which waiting for ballots ended. */
  deadlineMs: number
  /** The run was broken off: its deadline never passed. */
  interrupted: boolean
}

/** A final block after which a poll's ballots can come no more. */
type Proof = { block: CanonicalBlock; reason: string }

/**
 * Parts the acknowledged ballots that are not final: lost where a final block proves that they
 * cannot come any more, pending where they still may.
 */
export function countUnfinalised(inputs: Inputs): { lost: number; pending: number } {
  const { ledger } = inputs
  const proofs = proofsByPoll(inputs)
  let lost = 0
  let pending = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    if (Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.acknowledged) continue
    if (!Number.isNaN(ledger.finalityMs[ballot])) continue
    const proof = proofs[ledger.poll[ballot] ?? 0]
    if (proof === undefined) {
      pending += 1
      continue
    }
    lost += 1
    inputs.findings.add(finding(ledger, ballot, proof))
  }
  return { lost, pending }
}

/** For each poll of the plan the final block that ends all hope, if there is one. */
function proofsByPoll(inputs: Inputs): (Proof | undefined)[] {
  const final = inputs.blocks.filter(isFinal)
  const last = final.at(-1)
  return inputs.ledger.plan.polls.map(({ pollId }) => {
    const sealsAt = inputs.polls.find((poll) => poll.pollId === pollId)?.sealsAt
    // A block of the very second of sealing still counts ballots, and so may the next one.
    const past = final.find(({ timestamp }) => sealsAt !== undefined && timestamp > sealsAt)
    if (past !== undefined) return { block: past, reason: `the poll was sealed at ${sealsAt}` }
    if (sealsAt !== undefined || last === undefined || inputs.interrupted) return undefined
    const wasMoving = last.finalAtMs >= inputs.deadlineMs - STANDSTILL_MS
    return wasMoving ? { block: last, reason: 'the deadline passed' } : undefined
  })
}

function finding(ledger: Ledger.Ledger, ballot: number, { block, reason }: Proof): Finding {
  return {
    kind: 'lost',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was acknowledged, ${reason}, and final block ${block.number} (${block.timestamp}) stands without it.`,
    evidence: {
      provenByBlock: block.number,
      provenByBlockHash: block.hash,
      provenByTimestamp: block.timestamp,
    },
  }
}

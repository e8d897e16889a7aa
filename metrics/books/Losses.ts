import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import type { Finding } from '../Run.ts'
import type { PollOnChain } from './Acknowledgement.ts'
import type { Findings } from './Findings.ts'
import { identify } from './History.ts'
import * as Ledger from './Ledger.ts'
import { lines } from './lines.ts'
import type { StandingBlock } from './StandingChain.ts'

export type Inputs = {
  ledger: Ledger.Ledger
  blocks: readonly StandingBlock[]
  polls: readonly PollOnChain[]
  attemptsFile: string
  findings: Findings
  /** Unix ms at which waiting for ballots ended. */
  deadlineMs: number
  /** The run was broken off: its deadline never passed. */
  interrupted: boolean
}

/**
 * A chain whose last final block is older than this at the deadline stood still; then a ballot may
 * still come, and is pending, not lost. Ten times the usual block time.
 */
const STANDSTILL_MS = 10_000

/** A final block after which a poll's ballots can come no more. */
type Proof = { block: StandingBlock; reason: string }

/**
 * Parts the acknowledged ballots that are not final: lost where a final block proves that they
 * cannot come any more, pending where they still may.
 */
export async function settle(inputs: Inputs): Promise<{ lost: number; pending: number }> {
  const { ledger } = inputs
  const proofs = proofsByPoll(inputs)
  let lost = 0
  let pending = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    if (Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.ok) continue
    if (!Number.isNaN(ledger.finalityMs[ballot])) continue
    if (proofs[ledger.poll[ballot] ?? 0] === undefined) pending += 1
    else if (Ledger.mark(ledger, ballot, Ledger.STATE.LOST)) lost += 1
  }
  if (lost > 0) await tell(inputs, proofs)
  return { lost, pending }
}

/** For each poll of the plan the final block that ends all hope, if there is one. */
function proofsByPoll(inputs: Inputs): (Proof | undefined)[] {
  const final = inputs.blocks.filter(({ finalAtMs }) => !Number.isNaN(finalAtMs))
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

/** Reads the answers once more: the receipt that was broken belongs to the evidence. */
async function tell(inputs: Inputs, proofs: readonly (Proof | undefined)[]): Promise<void> {
  const { ledger, findings } = inputs
  const tellOne = (ballot: number, answer: Finding['evidence']): void => {
    const proof = proofs[ledger.poll[ballot] ?? 0]
    const isOpen = Ledger.has(ledger, ballot, Ledger.STATE.LOST)
    if (proof === undefined || !isOpen) return
    if (!Ledger.mark(ledger, ballot, Ledger.STATE.TOLD)) return
    findings.add(finding(ledger, ballot, proof, answer))
  }
  for await (const batch of lines(inputs.attemptsFile)) {
    for (const { text, isWhole } of batch) {
      const line = isWhole ? HistoryLine.parseAttempt(text) : undefined
      const isAcknowledgement = line?.status === 202 || line?.status === 200
      if (line === undefined || !isAcknowledgement) continue
      tellOne(line.ballot, { acknowledgedAtMs: line.doneAtMs, answer: line.body })
    }
  }
  // Those that only the resender heard of.
  for (let ballot = 0; ballot < ledger.count; ballot += 1) tellOne(ballot, {})
}

function finding(
  ledger: Ledger.Ledger,
  ballot: number,
  { block, reason }: Proof,
  answer: Finding['evidence'],
): Finding {
  return {
    kind: 'lost',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was acknowledged, ${reason}, and final block ${block.number} (${block.timestamp}) stands without it.`,
    evidence: {
      signedChoice: ledger.choice[ballot] ?? -1,
      provenByBlock: block.number,
      provenByBlockHash: block.hash,
      provenByTimestamp: block.timestamp,
      ...answer,
    },
  }
}

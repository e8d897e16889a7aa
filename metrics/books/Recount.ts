import type { Finding } from '../Run.ts'
import type * as Observation from '../witness/Observation.ts'
import type { Findings } from './Findings.ts'
import { CLOCK_TOLERANCE_MS, identify } from './History.ts'
import * as Ledger from './Ledger.ts'
import { lines } from './lines.ts'
import type { Problems } from './Problems.ts'
import * as StandingChain from './StandingChain.ts'

export type Inputs = {
  ledger: Ledger.Ledger
  chain: StandingChain.StandingChain
  observationsFile: string
  findings: Findings
  problems: Problems
}

/** Our own count of the final ballots: for each poll of the plan the ballots by choice. */
export type Recount = { pollId: number; votes: number[] }[]

/** A ballot at its place in the chain. */
type Place = {
  cast: Observation.Cast
  observed: Observation.Block
  block: StandingChain.StandingBlock
  blockIndex: number
}

/**
 * Enters every ballot of the chain that stands, and names what should not be there: duplicated,
 * altered, unexpected, finality broken.
 */
export async function recount(inputs: Inputs): Promise<Recount> {
  const { chain } = inputs
  const votes = emptyVotes(inputs.ledger)
  const broken = new Map(chain.broken.map((block) => [block.offsetBytes, block]))
  let blockIndex = 0
  for await (const batch of lines(inputs.observationsFile)) {
    for (const line of batch) {
      const block = chain.blocks[blockIndex]
      const isStanding = block?.offsetBytes === line.offsetBytes
      const gone = broken.get(line.offsetBytes)
      if (!isStanding && gone === undefined) continue
      const observed = StandingChain.parse(line.text)
      if (observed?.kind !== 'block') continue
      if (gone !== undefined) enterBroken(inputs, observed, gone)
      if (!isStanding) continue
      for (const cast of observed.casts) {
        await enterCast(inputs, { cast, observed, block, blockIndex })
      }
      if (isFinal(block)) {
        addVotes(votes, observed)
        enterContradictions(inputs, observed)
      }
      blockIndex += 1
    }
  }
  return [...votes].map(([pollId, ofPoll]) => ({ pollId, votes: ofPoll }))
}

function emptyVotes({ plan }: Ledger.Ledger): Map<number, number[]> {
  return new Map(plan.polls.map(({ pollId, options }) => [pollId, options.map(() => 0)]))
}

/** Everything that the chain counts, planned or not: as the contract's tally does. */
function addVotes(votes: Map<number, number[]>, { casts }: Observation.Block): void {
  for (const [pollId, , choice] of casts) {
    const ofPoll = votes.get(pollId)
    if (ofPoll !== undefined) ofPoll[choice] = (ofPoll[choice] ?? 0) + 1
  }
}

function isFinal(block: StandingChain.StandingBlock): boolean {
  return !Number.isNaN(block.finalAtMs)
}

async function enterCast(inputs: Inputs, place: Place): Promise<void> {
  const { ledger, findings } = inputs
  const { cast, block } = place
  const ballot = ledger.find(cast[0], cast[1])
  if (ballot === -1) {
    if (isFinal(block)) findings.add(unplanned(place))
    return
  }
  if (Ledger.mark(ledger, ballot, Ledger.STATE.SEEN)) {
    enterFirst(inputs, ballot, place)
  } else if (isFinal(block) && Ledger.mark(ledger, ballot, Ledger.STATE.DUPLICATED)) {
    findings.add(await duplicated(inputs, ballot, place))
  }
  const isAltered = isFinal(block) && cast[2] !== ledger.choice[ballot]
  if (isAltered && Ledger.mark(ledger, ballot, Ledger.STATE.ALTERED)) {
    findings.add(altered(ledger, ballot, place))
  }
}

function enterFirst({ ledger, findings, problems }: Inputs, ballot: number, place: Place): void {
  const { cast, block } = place
  ledger.block[ballot] = place.blockIndex
  ledger.transaction[ballot] = cast[3]
  const intendedAtMs = ledger.intendedAtMs[ballot] ?? NaN
  const sentAtMs = intendedAtMs + (ledger.lateMs[ballot] ?? NaN)
  if (block.seenAtMs < sentAtMs - CLOCK_TOLERANCE_MS) {
    problems.add('ballot in a block before it was sent', `ballot ${ballot}, block ${block.number}`)
  }
  ledger.inclusionMs[ballot] = Math.max(0, block.seenAtMs - intendedAtMs)
  if (!isFinal(block)) return
  ledger.finalityMs[ballot] = Math.max(0, block.finalAtMs - intendedAtMs)
  if (Ledger.outcome(ledger, ballot) <= Ledger.OUTCOME.fail) {
    findings.add(uninvited(ledger, ballot, place))
  }
}

/** Where the chain has a ballot: what a third party looks up. */
function evidenceOf({ cast, observed, block }: Place): Finding['evidence'] {
  return {
    seenChoice: cast[2],
    transaction: observed.transactions[cast[3]] ?? 'unknown',
    block: block.number,
    blockHash: block.hash,
  }
}

function unplanned(place: Place): Finding {
  const [pollId, voterIndex] = place.cast
  return {
    kind: 'unexpected',
    pollId,
    voterIndex,
    message: `Block ${place.block.number} counts a ballot of voter ${voterIndex} in poll ${pollId} that nobody planned.`,
    evidence: evidenceOf(place),
  }
}

function uninvited(ledger: Ledger.Ledger, ballot: number, place: Place): Finding {
  const wasRefused = Ledger.outcome(ledger, ballot) === Ledger.OUTCOME.fail
  const reason = wasRefused ? 'was definitely refused' : 'was never sent'
  return {
    kind: 'unexpected',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} ${reason}, and block ${place.block.number} counts it all the same.`,
    evidence: { reason, signedChoice: ledger.choice[ballot] ?? -1, ...evidenceOf(place) },
  }
}

function altered(ledger: Ledger.Ledger, ballot: number, place: Place): Finding {
  const signedChoice = ledger.choice[ballot] ?? -1
  return {
    kind: 'altered',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was signed for choice ${signedChoice}, and block ${place.block.number} counts it for choice ${place.cast[2]}.`,
    evidence: { signedChoice, ...evidenceOf(place) },
  }
}

async function duplicated(
  { ledger, chain, observationsFile }: Inputs,
  ballot: number,
  place: Place,
): Promise<Finding> {
  const first = chain.blocks[ledger.block[ballot] ?? 0]
  const observed = first && (await StandingChain.reread(observationsFile, first))
  return {
    kind: 'duplicated',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} counts more than once: in block ${first?.number} and in block ${place.block.number}.`,
    evidence: {
      signedChoice: ledger.choice[ballot] ?? -1,
      firstTransaction: observed?.transactions[ledger.transaction[ballot] ?? 0] ?? 'unknown',
      firstBlock: first?.number ?? -1,
      firstBlockHash: first?.hash ?? 'unknown',
      ...evidenceOf(place),
    },
  }
}

/** A block that was final is gone: its ballots were promised a place that they no longer have. */
function enterBroken(
  { ledger, findings }: Inputs,
  observed: Observation.Block,
  block: StandingChain.StandingBlock,
): void {
  const evidence = { block: block.number, blockHash: block.hash, finalAtMs: block.finalAtMs }
  const message = `Block ${block.number} was final and left the chain`
  if (observed.casts.length === 0) {
    findings.add({ kind: 'finalityBroken', message: `${message}.`, evidence })
  }
  for (const [pollId, voterIndex, choice, at] of observed.casts) {
    const transaction = observed.transactions[at] ?? 'unknown'
    const ballot = ledger.find(pollId, voterIndex)
    if (ballot !== -1 && !Ledger.mark(ledger, ballot, Ledger.STATE.BROKEN)) continue
    findings.add({
      kind: 'finalityBroken',
      ...(ballot === -1 ? { pollId, voterIndex } : identify(ledger, ballot)),
      message: `${message}, with the ballot of voter ${voterIndex} in poll ${pollId}.`,
      evidence: { ...evidence, transaction, seenChoice: choice },
    })
  }
}

function enterContradictions({ ledger, findings }: Inputs, observed: Observation.Block): void {
  for (const { transaction, reason, pollId, voterIndex } of observed.contradictions) {
    const ballot =
      pollId === undefined || voterIndex === undefined ? -1 : ledger.find(pollId, voterIndex)
    findings.add({
      kind: 'contradiction',
      ...(ballot === -1 ? {} : identify(ledger, ballot)),
      message: `Calldata and events of a transaction in block ${observed.number} tell different things: ${reason}.`,
      evidence: { transaction, reason, block: observed.number, blockHash: observed.hash },
    })
  }
}

import type { Finding, Run } from '../Run.ts'
import type * as Observation from '../witness/Observation.ts'
import type { Findings } from './Findings.ts'
import { CLOCK_TOLERANCE_MS, identify } from './History.ts'
import * as Ledger from './Ledger.ts'
import { lines } from '../../scenarios/runtime/lines.ts'
import type { Problems } from './Problems.ts'
import type { SignedTwice } from './SignedTwice.ts'
import * as CanonicalChain from './CanonicalChain.ts'

export type Inputs = {
  ledger: Ledger.Ledger
  chain: CanonicalChain.CanonicalChain
  observationsFile: string
  /** Whose word `final` is. */
  witness: Run['witness']
  findings: Findings
  /** Takes what would be `altered`, had its voter not signed it too. */
  signedTwice: SignedTwice
  /** What shows that the voter signed the ballot that counts; `undefined` where nothing does. */
  secondSignatureOf: (place: Counted) => Promise<string | undefined>
  problems: Problems
}

/** A ballot of the plan, and which choice a transaction counts for it. */
export type Counted = {
  ballot: number
  pollId: number
  voterIndex: number
  choice: number
  transaction: string
}

/** Our own count of the final ballots: for each poll of the plan the ballots by choice. */
export type Recount = { pollId: number; votes: number[] }[]

/** A ballot at its place in the chain. */
type Place = {
  cast: Observation.Cast
  observed: Observation.Block
  block: CanonicalChain.CanonicalBlock
  blockIndex: number
}

/**
 * Enters every ballot of the chain that stands, and names what should not be there: duplicated,
 * altered, unexpected, finality broken.
 */
export async function recount(inputs: Inputs): Promise<Recount> {
  const { chain } = inputs
  const votes = emptyVotes(inputs.ledger)
  // A database has no chain: what a reading found changed is told where all of it was read again.
  const hasChain = inputs.witness !== 'database'
  const undone = new Map((hasChain ? chain.undone : []).map((block) => [block.offsetBytes, block]))
  const reread = CanonicalChain.createReader(inputs.observationsFile)
  let blockIndex = 0
  for await (const batch of lines(inputs.observationsFile)) {
    for (const line of batch) {
      const block = chain.blocks[blockIndex]
      const isStanding = block?.offsetBytes === line.offsetBytes
      const gone = undone.get(line.offsetBytes)
      if (!isStanding && gone === undefined) continue
      const observed = CanonicalChain.parse(line.text)
      if (observed?.kind !== 'block') continue
      if (gone !== undefined) enterUndone(inputs, observed, gone)
      if (!isStanding) continue
      await enterCasts(inputs, reread, { observed, block, blockIndex })
      if (CanonicalChain.isFinal(block)) {
        addVotes(votes, observed)
        enterContradictions(inputs, observed)
      }
      blockIndex += 1
    }
  }
  if (!hasChain) await enterChanged(inputs)
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

async function enterCasts(
  inputs: Inputs,
  reread: CanonicalChain.Reader,
  at: Omit<Place, 'cast'>,
): Promise<void> {
  for (const cast of at.observed.casts) {
    const place = { cast, ...at }
    const { ballot, isAltered, isDouble } = enterCast(inputs, place)
    // oxlint-disable-next-line no-await-in-loop -- a chain may be asked, one thing after the other
    if (isAltered) await enterAltered(inputs, ballot, place)
    if (!isDouble) continue
    const first = inputs.chain.blocks[inputs.ledger.block[ballot] ?? 0]
    const isHere = first === undefined || first === at.block
    const observed = isHere ? at.observed : await reread(first)
    inputs.findings.add(duplicated(inputs.ledger, ballot, place, observed))
  }
}

type Entered = { ballot: number; isAltered: boolean; isDouble: boolean }

/** @returns the ballot, −1 where it is none of the plan's, and what is wrong with it the first time. */
function enterCast(inputs: Inputs, place: Place): Entered {
  const { ledger, findings } = inputs
  const { cast, block } = place
  const isFinal = CanonicalChain.isFinal(block)
  const ballot = ledger.find(cast[0], cast[1])
  if (ballot === -1) {
    if (isFinal) findings.add(unplanned(place))
    return { ballot, isAltered: false, isDouble: false }
  }
  const isFirst = Ledger.mark(ledger, ballot, Ledger.STATE.SEEN)
  if (isFirst) enterFirst(inputs, ballot, place)
  const isOther = isFinal && cast[2] !== ledger.choice[ballot]
  return {
    ballot,
    isAltered: isOther && Ledger.mark(ledger, ballot, Ledger.STATE.ALTERED),
    isDouble: !isFirst && isFinal && Ledger.mark(ledger, ballot, Ledger.STATE.DUPLICATED),
  }
}

/** Who has signed what counts can accuse nobody, whatever was planned. */
async function enterAltered(inputs: Inputs, ballot: number, place: Place): Promise<void> {
  const { ledger, findings, signedTwice, secondSignatureOf } = inputs
  const [pollId, voterIndex, choice, at] = place.cast
  const transaction = place.observed.transactions[at] ?? ''
  const second = await secondSignatureOf({ ballot, pollId, voterIndex, choice, transaction })
  const found = altered(ledger, ballot, place)
  if (second === undefined) findings.add(found)
  else signedTwice.add(found, second)
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
  if (!CanonicalChain.isFinal(block)) return
  ledger.finalityMs[ballot] = Math.max(0, block.finalAtMs - intendedAtMs)
  if (Ledger.outcome(ledger, ballot) <= Ledger.OUTCOME.refused) {
    findings.add(unacknowledged(ledger, ballot, place))
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

function unacknowledged(ledger: Ledger.Ledger, ballot: number, place: Place): Finding {
  const wasRefused = Ledger.outcome(ledger, ballot) === Ledger.OUTCOME.refused
  const reason = wasRefused ? 'was definitely refused' : 'was never sent'
  return {
    kind: 'unexpected',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} ${reason}, and block ${place.block.number} counts it all the same.`,
    evidence: { reason, ...evidenceOf(place) },
  }
}

function altered(ledger: Ledger.Ledger, ballot: number, place: Place): Finding {
  const signedChoice = ledger.choice[ballot] ?? -1
  return {
    kind: 'altered',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was signed for choice ${signedChoice}, and block ${place.block.number} counts it for choice ${place.cast[2]}.`,
    evidence: evidenceOf(place),
  }
}

/** @param first - the block in which the ballot counted first. */
function duplicated(
  ledger: Ledger.Ledger,
  ballot: number,
  place: Place,
  first: Observation.Block | undefined,
): Finding {
  return {
    kind: 'duplicated',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} counts more than once: in block ${first?.number} and in block ${place.block.number}.`,
    evidence: {
      firstTransaction: first?.transactions[ledger.transaction[ballot] ?? 0] ?? 'unknown',
      firstBlock: first?.number ?? -1,
      firstBlockHash: first?.hash ?? 'unknown',
      ...evidenceOf(place),
    },
  }
}

/**
 * A block left the chain. Its ballots went back to pending; where it was final they were promised a
 * place that they no longer have.
 */
function enterUndone(
  { ledger, findings }: Inputs,
  observed: Observation.Block,
  block: CanonicalChain.CanonicalBlock,
): void {
  const wasFinal = CanonicalChain.isFinal(block)
  if (wasFinal && observed.casts.length === 0) findings.add(broken(observed, block))
  for (const cast of observed.casts) {
    const ballot = ledger.find(cast[0], cast[1])
    if (ballot !== -1) Ledger.mark(ledger, ballot, Ledger.STATE.REORGANISED)
    if (!wasFinal) continue
    if (ballot !== -1 && !Ledger.mark(ledger, ballot, Ledger.STATE.BROKEN)) continue
    const who = ballot === -1 ? voterOf(cast) : identify(ledger, ballot)
    findings.add({ ...broken(observed, block, cast), ...who })
  }
}

/**
 * What a database had and has no more, or has otherwise. From the first change on everything was
 * read again, and what stands there as before has not changed.
 */
async function enterChanged({ ledger, chain, observationsFile, findings }: Inputs): Promise<void> {
  const reread = CanonicalChain.createReader(observationsFile)
  for (const block of chain.undone) {
    const observed = await reread(block)
    for (const cast of observed?.casts ?? []) {
      const ballot = ledger.find(cast[0], cast[1])
      // An unplanned ballot is told where it stands; one that went away took nothing from anybody.
      if (observed === undefined || ballot === -1) continue
      const wasAltered = cast[2] !== ledger.choice[ballot]
      const isAltered = Ledger.has(ledger, ballot, Ledger.STATE.ALTERED)
      if (Ledger.has(ledger, ballot, Ledger.STATE.SEEN) && wasAltered === isAltered) continue
      Ledger.mark(ledger, ballot, Ledger.STATE.REORGANISED)
      const isNew =
        CanonicalChain.isFinal(block) && Ledger.mark(ledger, ballot, Ledger.STATE.BROKEN)
      if (isNew) findings.add({ ...broken(observed, block, cast), ...identify(ledger, ballot) })
    }
  }
}

function voterOf([pollId, voterIndex]: Observation.Cast): Pick<Finding, 'pollId' | 'voterIndex'> {
  return { pollId, voterIndex }
}

function broken(
  observed: Observation.Block,
  block: CanonicalChain.CanonicalBlock,
  cast?: Observation.Cast,
): Finding {
  const { number, hash, finalAtMs } = block
  const evidence = { block: number, blockHash: hash, finalAtMs }
  const message = `Block ${number} was final and left the chain`
  if (cast === undefined) return { kind: 'finalityBroken', message: `${message}.`, evidence }
  const [pollId, voterIndex, seenChoice, at] = cast
  const transaction = observed.transactions[at] ?? 'unknown'
  return {
    kind: 'finalityBroken',
    message: `${message}, with the ballot of voter ${voterIndex} in poll ${pollId}.`,
    evidence: { ...evidence, transaction, seenChoice },
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

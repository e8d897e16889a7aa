import { SKIP_REASONS } from '../../scenarios/ballots/Contract.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import type { Ballots } from './Ballots.ts'
import * as Entries from './Entries.ts'
import type { Finding, Findings, Kind } from './Finding.ts'
import type { Counts, Polls, PollState } from './Polls.ts'

/** Where the ballots of an audit are gathered. */
export type Count = { polls: Polls; ballots: Ballots; findings: Findings }

/** A block whose ballots are judged. */
export type Judged = {
  number: number
  hash: string
  /** Unix seconds. */
  timestamp: number
  transactions: readonly string[]
  /** See Entries.ts. */
  entries: Uint8Array
  /** The recovered signers, 20 bytes for each entry. */
  signers: Uint8Array
}

/**
 * Judges every ballot of a block anew, by the poll's rules and nobody's word, and counts those that
 * hold. What the contract counted and we would not, or the other way round, is a finding.
 */
export function judge(count: Count, block: Judged): void {
  const entries = Buffer.from(block.entries.buffer, block.entries.byteOffset, block.entries.length)
  for (let index = 0; index < Entries.count(entries); index += 1) {
    const entry = Entries.at(entries, index)
    if (entry.proof.kind === 'unnamed' || entry.proof.kind === 'further') {
      addUnnamed(count, entry)
      continue
    }
    const signer = block.signers.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES)
    const poll = count.polls.get(entry.pollId)
    const reason = reasonAgainst(entry, { poll, signer, count, timestamp: block.timestamp })
    if (entry.skipReason !== 0 && poll !== undefined) poll.counts.skippedCount += 1
    if (reason !== entry.skipReason) {
      count.findings.add(finding(entry, reason, { block, count, signer }))
    }
    if (reason !== 0 || entry.skipReason !== 0) continue
    const { pollId, voterIndex, choice } = entry
    count.ballots.add(pollId, voterIndex, { choice, block: block.number })
    if (poll === undefined) continue
    poll.counts.voterCount += 1
    add(poll.counts, choice)
  }
}

/** Counts what names no voter: nothing but the option can be judged, and a second vote not seen. */
function addUnnamed({ polls }: Count, entry: Entries.Entry): void {
  const { pollId, choice, skipReason, proof } = entry
  const counts = polls.get(pollId)?.counts
  if (counts === undefined) return
  const isVote = proof.kind === 'unnamed'
  if (isVote && skipReason !== 0) counts.skippedCount += 1
  if (skipReason !== 0) return
  if (isVote) counts.unnamedCount += 1
  if (isVote) counts.voterCount += 1
  add(counts, choice)
}

function add({ recount }: Counts, choice: number): void {
  recount[choice] = (recount[choice] ?? 0) + 1
}

const ADDRESS_BYTES = 20

/** The contract's reasons, in the order in which it looks for them. */
const REASONS = {
  unknownPoll: 1,
  notOpen: 2,
  sealed: 3,
  badChoice: 4,
  badSignature: 5,
  notRegistered: 6,
  alreadyVoted: 7,
} as const

/** The finding where a ballot was counted in spite of a reason. */
const KINDS: Readonly<Record<number, Kind>> = {
  1: 'unexpected',
  2: 'untimely',
  3: 'untimely',
  4: 'unexpected',
  5: 'badSignature',
  6: 'ineligible',
  7: 'duplicated',
}

type Circumstances = {
  poll: PollState | undefined
  signer: Uint8Array
  count: Count
  timestamp: number
}

/** Why a ballot must not count, 0 where it must. */
function reasonAgainst(entry: Entries.Entry, circumstances: Circumstances): number {
  const { poll, timestamp, count } = circumstances
  if (poll === undefined) return REASONS.unknownPoll
  const { binding, options } = poll.poll
  if (binding !== undefined && timestamp < binding.opensAt) return REASONS.notOpen
  if (binding !== undefined && timestamp > binding.sealsAt) return REASONS.sealed
  if (entry.choice >= options.length) return REASONS.badChoice
  const voter = voterOf(entry, circumstances.signer, binding?.pollDigest)
  if (voter === 'nobody') return REASONS.badSignature
  if (!Poll.isOpenTo(binding?.slice, entry.voterIndex)) return REASONS.notRegistered
  if (poll.voters !== undefined) {
    const registered = poll.voters.at(entry.voterIndex)
    if (registered === undefined) return REASONS.notRegistered
    if (voter !== undefined && !registered.equals(voter)) return REASONS.notRegistered
  }
  const isSecond = count.ballots.get(entry.pollId, entry.voterIndex) !== undefined
  return isSecond ? REASONS.alreadyVoted : 0
}

/** The address that stands behind a ballot; `undefined` where the design names none. */
function voterOf(
  { proof }: Entries.Entry,
  signer: Uint8Array,
  pollDigest: string | undefined,
): Uint8Array | 'nobody' | undefined {
  if (proof.kind === 'signature') return signer.every((byte) => byte === 0) ? 'nobody' : signer
  if (proof.kind === 'key') return proof.bytes.subarray(0, ADDRESS_BYTES)
  if (proof.kind === 'none') return undefined
  const named = Buffer.from(proof.bytes.subarray(ADDRESS_BYTES, ADDRESS_BYTES + 32)).toString('hex')
  return `0x${named}` === pollDigest ? proof.bytes.subarray(0, ADDRESS_BYTES) : 'nobody'
}

type Case = { block: Judged; count: Count; signer: Uint8Array }

function finding(entry: Entries.Entry, reason: number, { block, count, signer }: Case): Finding {
  const { pollId, voterIndex, choice, proof } = entry
  const before = count.ballots.get(pollId, voterIndex)
  const registered = count.polls.get(pollId)?.voters?.at(voterIndex)
  return {
    kind: kindOf(entry, reason, registered),
    pollId,
    voterIndex,
    message: messageOf(entry, reason, block.number),
    evidence: {
      block: block.number,
      blockHash: block.hash,
      timestamp: block.timestamp,
      transaction: block.transactions[entry.transaction] ?? '',
      choice,
      ...(registered !== undefined && { registered: hex(registered) }),
      ...(proof.kind === 'signature' && { signature: hex(proof.bytes), signer: hex(signer) }),
      ...(proof.kind === 'sender' && { sender: hex(proof.bytes.subarray(0, ADDRESS_BYTES)) }),
      ...(before !== undefined && { countedInBlock: before.block, countedChoice: before.choice }),
    },
  }
}

function kindOf(
  { skipReason, proof }: Entries.Entry,
  reason: number,
  registered: Uint8Array | undefined,
): Kind {
  if (skipReason !== 0) return reason === 0 ? 'wronglySkipped' : 'contradiction'
  // The voter exists, and it is another one who signed.
  const isSigned = proof.kind === 'signature' || proof.kind === 'sender'
  const isForged = reason === REASONS.notRegistered && registered !== undefined && isSigned
  return isForged ? 'badSignature' : (KINDS[reason] ?? 'unexpected')
}

function messageOf(
  { pollId, voterIndex, skipReason }: Entries.Entry,
  reason: number,
  block: number,
): string {
  const ballot = `the ballot of voter ${voterIndex} in poll ${pollId}`
  if (skipReason === 0) {
    return `The contract counted ${ballot} in block ${block}, although: ${nameOf(reason)}.`
  }
  return reason === 0
    ? `The contract skipped ${ballot} in block ${block} (${nameOf(skipReason)}), although it holds.`
    : `The contract skipped ${ballot} in block ${block} as "${nameOf(skipReason)}", it is "${nameOf(reason)}".`
}

function nameOf(reason: number): string {
  const names: Readonly<Record<number, string>> = SKIP_REASONS
  return names[reason] ?? `reason ${reason}`
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import type { Kind } from './Finding.ts'
import type { PollState } from './Polls.ts'
import * as Receipts from './Receipts.ts'
import type { Ledger } from './walk.ts'

/** What became of the promises. */
export type ReceiptCounts = {
  count: number
  /** The ballot is there. */
  kept: number
  /** The poll is not sealed yet, and the ballot not there yet. */
  open: number
  /** The poll is sealed without the ballot: see the findings. */
  broken: number
  /** Signed by another key than was asked for, or naming another sealing time. */
  invalid: number
  /** Neither: the voters' addresses, the polls, or who must have signed, are not known. */
  unknown: number
}

export type Options = {
  kept: readonly Receipts.Kept[]
  domain: Ballot.Domain
  /** Lower-case hex; `undefined` where any signer is taken. */
  signer: string | undefined
}

/** Holds every receipt against what the chain counts. */
export function checkReceipts(ledger: Ledger, options: Options): ReceiptCounts {
  const counts = { count: 0, kept: 0, open: 0, broken: 0, invalid: 0, unknown: 0 }
  const places = findBallots(ledger, options)
  for (const kept of options.kept) {
    counts.count += 1
    counts[check(kept, ledger, options, places)] += 1
  }
  return counts
}

type ReceiptState = Exclude<keyof ReceiptCounts, 'count'>

function check(
  kept: Receipts.Kept,
  ledger: Ledger,
  { signer }: Options,
  places: ReadonlyMap<string, number>,
): ReceiptState {
  const { receipt, proof } = kept
  const poll = ledger.polls.get(receipt.pollId)
  const add = (kind: Kind, message: string): void => {
    const { pollId } = receipt
    ledger.findings.add({ kind, pollId, message, evidence: evidenceOf(kept, ledger) })
  }
  const signedBy = Receipt.signer(receipt)
  const name = signedBy === undefined ? 'nobody' : Address.toHex(signedBy)
  if (signedBy === undefined || (signer !== undefined && name !== signer)) {
    const other = signer === undefined ? '' : `, not by ${signer}`
    add('invalidReceipt', `The receipt in ${kept.file} is signed by ${name}${other}.`)
    return 'invalid'
  }
  if (poll === undefined) return 'unknown'
  const { binding } = poll.poll
  if (binding !== undefined && binding.sealsAt !== receipt.sealsAt) {
    add(
      'invalidReceipt',
      `The receipt in ${kept.file} promises the ballot by ${receipt.sealsAt}, the chain seals poll ${receipt.pollId} at ${binding.sealsAt}.`,
    )
    return 'invalid'
  }
  const isHashed = poll.voters === undefined || places.has(receipt.ballotHash)
  if (proof !== undefined && !(isHashed && isAnchored(proof, receipt, ledger))) {
    const message = `The proof in ${kept.file} does not lead from this ballot to a root on the chain.`
    add('invalidReceipt', message)
    return 'invalid'
  }
  if (proof !== undefined || places.has(receipt.ballotHash)) return 'kept'
  // Without the voters' addresses nobody can tell whose ballot has this hash; and a block that was
  // not shown may hold it.
  if (poll.voters === undefined || ledger.chain.brokenCount > 0) return 'unknown'
  if (ledger.chain.timestamp <= receipt.sealsAt) return 'open'
  // Anybody can sign with a key of their own: without the service's word nothing was promised.
  if (signer === undefined) return 'unknown'
  add(
    'lost',
    `The receipt in ${kept.file} promises a ballot in poll ${receipt.pollId}; block ${ledger.chain.number} is past its sealing, and no block holds it.`,
  )
  return 'broken'
}

/** Whether the proof holds in itself, its root stands in that block, and the ballot was counted so. */
function isAnchored(proof: Receipts.Proof, receipt: Receipt.Receipt, ledger: Ledger): boolean {
  const anchored = ledger.roots.get(proof.root)
  const counted = ledger.ballots.get(proof.pollId, proof.voterIndex)
  return (
    Receipts.isIncluded(proof) &&
    proof.pollId === receipt.pollId &&
    anchored?.block === proof.block &&
    anchored.transaction === proof.transaction &&
    counted?.choice === proof.choice
  )
}

/** The blocks of the ballots that receipts name: every counted ballot of their polls is hashed. */
function findBallots(ledger: Ledger, { kept, domain }: Options): Map<string, number> {
  const wanted = new Set(kept.map(({ receipt }) => receipt.ballotHash))
  const polls = new Set(kept.map(({ receipt }) => receipt.pollId))
  const places = new Map<string, number>()
  const digests = new Map<string, Buffer>()
  const separator = Ballot.domainSeparator(domain)
  if (wanted.size === 0) return places
  ledger.ballots.forEach((pollId, voterIndex, { choice, block }) => {
    const poll = polls.has(pollId) ? ledger.polls.get(pollId) : undefined
    const voter = poll?.voters?.at(voterIndex)
    if (poll?.poll.binding === undefined || voter === undefined) return
    const key = `${pollId} ${choice}`
    const digest = digests.get(key) ?? digestOf(separator, poll.poll.binding, { pollId, choice })
    digests.set(key, digest)
    const hash = `0x${Ballot.hash(digest, voter).toString('hex')}`
    if (wanted.has(hash)) places.set(hash, block)
  })
  return places
}

function digestOf(
  separator: Uint8Array,
  { pollDigest }: NonNullable<PollState['poll']['binding']>,
  ballot: { pollId: number; choice: number },
): Buffer {
  return Ballot.digest(separator, {
    ...ballot,
    pollDigest: Buffer.from(pollDigest.slice(2), 'hex'),
  })
}

function evidenceOf({ file, receipt }: Receipts.Kept, { chain }: Ledger) {
  return {
    file,
    ballotHash: receipt.ballotHash,
    acceptedAtMs: receipt.acceptedAtMs,
    sealsAt: receipt.sealsAt,
    receiptSignature: receipt.signature,
    lastBlock: chain.number,
    lastBlockHash: chain.hash,
    lastBlockTimestamp: chain.timestamp,
  }
}

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
  /** The voter signed another choice too, and that one counts: nobody's fault but the voter's. */
  signedTwice: number
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
  /** Whether only what a voter has signed can count. */
  isSigned: boolean
}

/** A voter was promised one choice, and the chain counts another that the voter has signed. */
export type SignedTwice = {
  file: string
  ballotHash: string
  pollId: number
  voterIndex: number
  promisedChoice: number
  countedChoice: number
  /** Where it counts. */
  block: number
}

/** Holds every receipt against what the chain counts. */
export function checkReceipts(
  ledger: Ledger,
  options: Options,
): { counts: ReceiptCounts; signedTwice: SignedTwice[] } {
  const counts = {
    count: 0,
    kept: 0,
    open: 0,
    signedTwice: 0,
    broken: 0,
    invalid: 0,
    unknown: 0,
  }
  const signedTwice: SignedTwice[] = []
  const places = findBallots(ledger, options)
  for (const kept of options.kept) {
    counts.count += 1
    const state = check(kept, ledger, options, places)
    counts[state] += 1
    const other = places.get(kept.receipt.ballotHash)
    if (state !== 'signedTwice' || other === undefined) continue
    const { ballotHash, pollId } = kept.receipt
    signedTwice.push({ file: kept.file, ballotHash, pollId, ...other })
  }
  return { counts, signedTwice }
}

type ReceiptState = Exclude<keyof ReceiptCounts, 'count'>

function check(
  kept: Receipts.Kept,
  ledger: Ledger,
  { signer, isSigned }: Options,
  places: ReadonlyMap<string, Place>,
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
  const place = places.get(receipt.ballotHash)
  const isThere = place !== undefined && place.countedChoice === place.promisedChoice
  const isHashed = poll.voters === undefined || isThere
  if (proof !== undefined && !(isHashed && isAnchored(proof, receipt, ledger))) {
    const message = `The proof in ${kept.file} does not lead from this ballot to a root on the chain.`
    add('invalidReceipt', message)
    return 'invalid'
  }
  if (proof !== undefined || isThere) return 'kept'
  if (place !== undefined && isSigned) return 'signedTwice'
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

/** What the chain counts of a voter to whom a ballot was promised. */
type Place = Pick<SignedTwice, 'voterIndex' | 'promisedChoice' | 'countedChoice' | 'block'>

/**
 * What counts in place of the ballots that receipts name: every counted ballot of their polls is
 * hashed, and what its voter may have signed beside it.
 */
function findBallots(ledger: Ledger, { kept, domain }: Options): Map<string, Place> {
  const wanted = new Set(kept.map(({ receipt }) => receipt.ballotHash))
  const polls = new Set(kept.map(({ receipt }) => receipt.pollId))
  const places = new Map<string, Place>()
  const digests = new Map<string, Buffer>()
  const separator = Ballot.domainSeparator(domain)
  if (wanted.size === 0) return places
  ledger.ballots.forEach((pollId, voterIndex, { choice, block }) => {
    const poll = polls.has(pollId) ? ledger.polls.get(pollId) : undefined
    const voter = poll?.voters?.at(voterIndex)
    if (poll?.poll.binding === undefined || voter === undefined) return
    for (const promisedChoice of poll.poll.options.keys()) {
      const key = `${pollId} ${promisedChoice}`
      const ballot = { pollId, choice: promisedChoice }
      const digest = digests.get(key) ?? digestOf(separator, poll.poll.binding, ballot)
      digests.set(key, digest)
      const hash = `0x${Ballot.hash(digest, voter).toString('hex')}`
      if (!wanted.has(hash)) continue
      places.set(hash, { voterIndex, promisedChoice, countedChoice: choice, block })
    }
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

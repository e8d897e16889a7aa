import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { isOpenTo } from '../../scenarios/ballots/Poll.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import type * as Register from '../../scenarios/ballots/Register.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import type * as Ballots from '../database/Ballots.ts'
import * as Backlog from './Backlog.ts'
import type * as Polls from './Polls.ts'
import type * as Refusal from './Refusal.ts'

/** A ballot as it stands in the body of a request, after the schema. */
export type Body = { voter: string; voterIndex: number; choice: number; signature: string }

/** What admission depends on besides the ballot and its poll. */
export type AdmissionContext = {
  /** Unix milliseconds. */
  nowMs: number
  reading: Backlog.Reading | undefined
  isQueueFull: boolean
  /** 0 where no ballot waits for a block. */
  blockTimeMs: number
  record: 'chain' | 'database'
  register: Pick<Register.Register, 'at'>
  /** Signs the receipt, 32 bytes. */
  receiptKey: Uint8Array
}

/**
 * Decides about one ballot: an entry with its signed receipt, ready to be stored, or the code of
 * the refusal. The cheap questions come first, so that a flood is turned away before any signature
 * is computed.
 */
export function admit(
  body: Body,
  known: Polls.Known,
  context: AdmissionContext,
): Ballots.Entry | Refusal.Code {
  const { poll, digests } = known
  const refusal = checkTime(poll, context) ?? checkCapacity(poll, context)
  if (refusal !== undefined) return refusal

  const digest = digests[body.choice]
  if (digest === undefined) return 'CHOICE_OUT_OF_RANGE'
  const signature = Buffer.from(body.signature.slice(2), 'hex')
  const signer = Signature.recover(digest, signature)
  if (signer === undefined || Address.toHex(signer) !== body.voter) return 'SIGNATURE_INVALID'
  const registered = context.register.at(body.voterIndex)
  if (registered === undefined || !registered.equals(signer)) return 'VOTER_NOT_REGISTERED'
  if (!isOpenTo(poll.slice, body.voterIndex)) return 'VOTER_NOT_REGISTERED'

  const ballotHash = Ballot.hash(digest, signer)
  const receipt = Receipt.sign(
    {
      ballotHash: `0x${ballotHash.toString('hex')}`,
      pollId: poll.pollId,
      acceptedAtMs: context.nowMs,
      sealsAt: poll.sealsAt,
    },
    context.receiptKey,
  )
  return {
    ballotHash,
    pollId: poll.pollId,
    voterIndex: body.voterIndex,
    choice: body.choice,
    signature: context.record === 'chain' ? signature : undefined,
    acceptedAtMs: context.nowMs,
    receiptSignature: Buffer.from(receipt.signature.slice(2), 'hex'),
  }
}

function checkTime(poll: Polls.Poll, context: AdmissionContext): Refusal.Code | undefined {
  if (context.nowMs >= poll.closesAt * 1000) return 'POLL_CLOSED'
  if (context.nowMs < poll.opensAt * 1000) return 'POLL_NOT_OPEN'
  return undefined
}

function checkCapacity(poll: Polls.Poll, context: AdmissionContext): Refusal.Code | undefined {
  const { reading, nowMs, blockTimeMs } = context
  if (reading === undefined || Backlog.isStale(reading, nowMs)) return 'DATABASE_UNREACHABLE'
  if (Backlog.reachesChainAtMs(reading, nowMs, blockTimeMs) > poll.sealsAt * 1000) return 'BACKLOG'
  return context.isQueueFull ? 'OVERLOADED' : undefined
}

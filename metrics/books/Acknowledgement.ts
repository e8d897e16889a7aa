import { join } from 'node:path'

import { Compile } from 'typebox/compile'
import { Type } from 'typebox'

import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import { BODY_LENGTH_MAX } from '../../scenarios/load/HistoryLine.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import type { Path } from '../../scenarios/ballots/Path.ts'

/** A poll as the chain has it; what a receipt and a tally are held against. */
export type PollOnChain = {
  pollId: number
  /** `0x` and 64 hex digits. */
  pollDigest: string
  /** Unix seconds; `undefined` for a poll without a sealing time. */
  sealsAt: number | undefined
}

/** Tells a valid acknowledgement from a claim. */
export type Checker = {
  /** Of the spool: which way the ballots go, and how many there are. */
  path: Path
  ballotCount: number
  /**
   * @param ballot - of the spool.
   * @param body - the answer that was counted as an acknowledgement.
   * @returns why it is worth nothing, `undefined` where it is valid.
   */
  check(ballot: number, body: string): string | undefined
  close(): void
}

export type Options = {
  planFolder: string
  domain: Ballot.Domain
  polls: readonly PollOnChain[]
  /** Address that signs receipts, lower-case hex; not needed on the path `direct`. */
  receiptSigner: string | undefined
}

const Answer = Compile(Type.Object({ receipt: Receipt.Schema }))
const RpcResult = Compile(Type.Object({ result: Type.String() }))

export function createChecker(options: Options): Checker {
  const spool = Spool.open(join(options.planFolder, Plan.FILES.spool))
  const recordOf = cached(spool)
  const { path, count } = spool.header
  const isRpc = path === 'rpc'
  const hashOf = ballotHasher(options)
  return {
    path,
    ballotCount: count,
    check(ballot, body) {
      const record = recordOf(ballot)
      return isRpc ? checkHash(record, body) : checkReceipt(options, hashOf(record), body)
    },
    close: () => spool.close(),
  }
}

/** What is known of the ballot in a record: its hash and poll. */
type Known = { ballotHash: string; poll: PollOnChain | undefined }

function checkReceipt(options: Options, known: Known, body: string): string | undefined {
  const answer = parse(body)
  if (!Answer.Check(answer)) {
    return body.length < BODY_LENGTH_MAX
      ? 'the answer holds no receipt'
      : `the answer has ${BODY_LENGTH_MAX} characters or more, and its end was not kept`
  }
  const { receipt } = answer
  if (receipt.ballotHash !== known.ballotHash) return 'the receipt is for another ballot'
  if (receipt.pollId !== known.poll?.pollId) return 'the receipt is for another poll'
  const { sealsAt } = known.poll
  if (sealsAt !== undefined && receipt.sealsAt !== sealsAt) {
    return `the receipt names ${receipt.sealsAt} as the sealing time, the chain ${sealsAt}`
  }
  const signer = Receipt.signer(receipt)
  if (signer === undefined) return 'the signature of the receipt is not valid'
  if (Address.toHex(signer) === options.receiptSigner) return undefined
  return `the receipt is signed by ${Address.toHex(signer)}`
}

/** A node that says "already known" gives no hash, and has the transaction all the same. */
function checkHash(record: Buffer, body: string): string | undefined {
  const answer = parse(body)
  if (!RpcResult.Check(answer)) return undefined
  const expected = `0x${keccak256(Spool.decodeTransaction(record, 0)).toString('hex')}`
  return answer.result === expected ? undefined : `the hash of the transaction is ${expected}`
}

function ballotHasher({ domain, polls }: Options): (record: Buffer) => Known {
  const separator = Ballot.domainSeparator(domain)
  const byId = new Map(polls.map((poll) => [poll.pollId, poll]))
  // At most 255 choices a poll, and the same digest for all who chose alike.
  const digests = new Map<string, Buffer>()
  return (record) => {
    const { ballot, voter } = Spool.decodeSigned(record, 0)
    const { pollId, choice } = ballot
    const poll = byId.get(pollId)
    const key = `${pollId}/${choice}`
    const known = digests.get(key)
    const pollDigest = Buffer.from(poll?.pollDigest.slice(2) ?? '', 'hex')
    const digest = known ?? Ballot.digest(separator, { pollId, pollDigest, choice })
    if (known === undefined) digests.set(key, digest)
    return { ballotHash: `0x${Ballot.hash(digest, voter).toString('hex')}`, poll }
  }
}

/** Answers come nearly in cast order: a few chunks of the spool serve them all. */
const CHUNK_BALLOTS = 1024
const CHUNKS_MAX = 16

function cached(spool: Spool.Spool): (ballot: number) => Buffer {
  const chunks = new Map<number, Buffer>()
  const size = spool.header.recordSizeBytes
  return (ballot) => {
    const index = Math.floor(ballot / CHUNK_BALLOTS)
    const chunk = chunks.get(index) ?? spool.read(index * CHUNK_BALLOTS, CHUNK_BALLOTS)
    // Deleted and set again, the one used last stands last.
    chunks.delete(index)
    chunks.set(index, chunk)
    const [oldest] = chunks.keys()
    if (chunks.size > CHUNKS_MAX && oldest !== undefined) chunks.delete(oldest)
    const offset = (ballot % CHUNK_BALLOTS) * size
    return chunk.subarray(offset, offset + size)
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

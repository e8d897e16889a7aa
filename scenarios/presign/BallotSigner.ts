import * as Address from '../ballots/Address.ts'
import * as Ballot from '../ballots/Ballot.ts'
import type * as Register from '../ballots/Register.ts'
import * as Signature from '../ballots/Signature.ts'
import * as Spool from '../ballots/Spool.ts'
import * as Electorate from '../population/Electorate.ts'
import * as CastOrder from '../schedule/CastOrder.ts'
import * as Transaction from './Transaction.ts'
import type { Path } from '../ballots/Path.ts'

/** Signs a ballot and writes its record at `offset` of a zeroed buffer. */
export type BallotSigner = (ballot: number, target: Buffer, offset: number) => void

/** All that records follow from, as plain data. */
export type Options = {
  path: Path
  /** The keys' seed. */
  seed: string
  order: CastOrder.Description
  domain: Ballot.Domain
  /** In the plan's order. */
  polls: readonly {
    pollId: number
    optionCount: number
    /** 32 bytes. */
    pollDigest: Uint8Array
  }[]
}

/**
 * Signs ballots. What is signed depends on poll and choice alone, so that each EIP-712 digest is
 * made once.
 *
 * Memory: 3 KB a poll, none a ballot.
 */
export function create(options: Options, register: Register.Register): BallotSigner {
  const { path, seed, domain } = options
  const order = CastOrder.create(options.order)
  const separator = Ballot.domainSeparator(domain)
  const signTransaction = Transaction.createSigner({
    chainId: domain.chainId,
    ballotBox: domain.verifyingContract,
  })
  const polls = options.polls.map(({ pollId, pollDigest, optionCount }) => ({
    pollId,
    pollDigest,
    digests: Array.from({ length: optionCount }, (_, choice) =>
      Ballot.digest(separator, { pollId, pollDigest, choice }),
    ),
  }))
  // Filled anew for each ballot: garbage outside of the heap costs threads more than its making.
  const scratch = {
    address: Buffer.alloc(Address.SIZE_BYTES),
    signature: Buffer.alloc(Signature.SIZE_BYTES),
  }
  return (ballot, target, offset) => {
    const { poll: place, voterIndex } = order.at(ballot)
    const choice = order.choiceOf(place, voterIndex)
    const poll = polls[place]
    const digest = poll?.digests[choice]
    if (poll === undefined || digest === undefined) {
      throw new RangeError(`Poll ${place} of ballot ${ballot} has no option ${choice}.`)
    }
    const { pollId, pollDigest } = poll
    const key = Electorate.privateKey(seed, voterIndex)
    if (path === 'rpc') {
      const cast = { pollId, pollDigest, voterIndex, choice, nonce: order.nonceOf(ballot) }
      Spool.writeTransaction(target, offset, cast, signTransaction(cast, key))
      return
    }
    const voter = register.at(voterIndex, scratch.address)
    if (voter === undefined) {
      throw new RangeError(`Voter ${voterIndex} of ballot ${ballot} is not in the register.`)
    }
    const signature = Signature.sign(digest, key, scratch.signature)
    Spool.writeSigned(target, offset, { pollId, voterIndex, choice, signature }, voter)
  }
}

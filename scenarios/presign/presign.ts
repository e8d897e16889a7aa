import * as Ballot from '../ballots/Ballot.ts'
import { keccak256 } from '../ballots/keccak256.ts'
import * as Poll from '../ballots/Poll.ts'
import * as Register from '../ballots/Register.ts'
import * as Signature from '../ballots/Signature.ts'
import * as Spool from '../ballots/Spool.ts'
import * as Electorate from '../population/Electorate.ts'
import * as Preference from '../population/Preference.ts'
import * as Firing from './Firing.ts'
import * as Transaction from './Transaction.ts'

/** Everything that the ballots of a spool follow from. */
export type Inputs = {
  path: 'relayed' | 'direct'
  electorate: Electorate.Electorate
  polls: readonly Pick<Poll.Poll, 'pollId' | 'question' | 'options'>[]
  ballotCount: number
  domain: Ballot.Domain
  /** Keccak-256 of the contract's deployed code, `0x` and 64 hex digits. */
  codeHash: string
  /** 32 bytes; from `register`. */
  registerCommitment: Uint8Array
}

export type Options = Inputs & {
  /** The voters' addresses; from `register`. */
  registerFile: string
  spoolFile: string
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** Records written at a time. */
const CHUNK_BALLOTS = 1024

/** What a spool's header binds, before a ballot is signed. */
export function binding(inputs: Inputs): Parameters<typeof Spool.create>[1] {
  const digests = inputs.polls.map((poll) => Poll.digest(poll, inputs.registerCommitment))
  return {
    path: inputs.path,
    seed: inputs.electorate.seed,
    chainId: inputs.domain.chainId,
    verifyingContract: inputs.domain.verifyingContract,
    codeHash: inputs.codeHash,
    ballotType: Ballot.TYPE,
    pollsDigest: `0x${keccak256(...digests).toString('hex')}`,
  }
}

/**
 * Signs all ballots in firing order into a spool. Memory is one chunk, whatever the number.
 *
 * @throws {TooManyBallotsError} where some voter would have to vote twice in one poll.
 */
export function presign(options: Options): Spool.Header {
  const { electorate, polls, ballotCount } = options
  const pollIds = polls.map(({ pollId }) => pollId)
  const firing = Firing.create(electorate.seed, electorate.size, pollIds)
  if (ballotCount > firing.ballotCountMax) {
    throw new TooManyBallotsError(ballotCount, electorate.size, polls.length)
  }
  const record = recorder(options, firing)
  const register = Register.open(options.registerFile)
  const writer = Spool.create(options.spoolFile, binding(options))
  try {
    for (let first = 0; first < ballotCount; first += CHUNK_BALLOTS) {
      const count = Math.min(CHUNK_BALLOTS, ballotCount - first)
      const records = Array.from({ length: count }, (_, index) => record(first + index, register))
      writer.append(Buffer.concat(records))
      options.onProgress?.(first + count, ballotCount)
    }
    return writer.finish()
  } finally {
    register.close()
  }
}

/** Makes the record of a ballot. */
function recorder(
  { path, electorate, polls, domain, registerCommitment }: Options,
  firing: Firing.Firing,
): (ballot: number, register: Register.Register) => Buffer {
  const separator = Ballot.domainSeparator(domain)
  const signTransaction = Transaction.createSigner({
    chainId: domain.chainId,
    ballotBox: domain.verifyingContract,
  })
  const prepared = polls.map((poll) => {
    const pollDigest = Poll.digest(poll, registerCommitment)
    return {
      pollId: poll.pollId,
      pollDigest,
      prefer: Preference.create(electorate.seed, poll.pollId, poll.options.length),
      // What is signed depends on poll and choice alone, so each digest is made once.
      digests: poll.options.map((_, choice) =>
        Ballot.digest(separator, { pollId: poll.pollId, pollDigest, choice }),
      ),
    }
  })
  return (ballot, register) => {
    const { poll: place, voterIndex } = firing.at(ballot)
    const poll = prepared[place]
    const voter = register.at(voterIndex)
    const choice = poll?.prefer(voterIndex) ?? 0
    const digest = poll?.digests[choice]
    if (poll === undefined || voter === undefined || digest === undefined) {
      throw new RangeError(`Voter ${voterIndex} of ballot ${ballot} is not in the register.`)
    }
    const key = Electorate.privateKey(electorate.seed, voterIndex)
    const { pollId, pollDigest } = poll
    if (path === 'direct') {
      const cast = { pollId, pollDigest, voterIndex, choice, nonce: firing.nonceOf(ballot) }
      return Spool.encodeDirect({ pollId, voterIndex, choice }, signTransaction(cast, key))
    }
    const signature = Signature.sign(digest, key)
    return Spool.encodeRelayed({ pollId, voterIndex, choice, signature }, voter)
  }
}

export class TooManyBallotsError extends Error {
  override readonly name = 'presign.TooManyBallotsError'
  readonly code = 'PRESIGN_TOO_MANY_BALLOTS'
  constructor(ballotCount: number, voterCount: number, pollCount: number) {
    super(
      `${ballotCount} ballots are more than ${voterCount} voters can cast in ${pollCount} poll(s). Raise --voters to at least ${Math.ceil(ballotCount / pollCount)}, or lower --rate or --duration.`,
    )
  }
}

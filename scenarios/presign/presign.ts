import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Ballot from '../ballots/Ballot.ts'
import { keccak256 } from '../ballots/keccak256.ts'
import * as Poll from '../ballots/Poll.ts'
import * as Spool from '../ballots/Spool.ts'
import * as SpoolHeader from '../ballots/SpoolHeader.ts'
import type * as Electorate from '../population/Electorate.ts'
import * as CastOrder from '../schedule/CastOrder.ts'
import * as PartFile from './PartFile.ts'
import * as Segment from '../schedule/Segment.ts'
import type { SpoolWork } from './BlockWriter.ts'
import * as Workers from './Workers.ts'
import type { Path } from '../ballots/Path.ts'

/** Everything that the ballots of a spool follow from. */
export type Inputs = {
  path: Path
  electorate: Electorate.Electorate
  polls: readonly Pick<Poll.Poll, 'pollId' | 'question' | 'options' | 'slice'>[]
  /** Who votes when, and how. @default the uniform order of electorate and polls */
  order?: CastOrder.Description | undefined
  /** Ballots of all segments together. */
  ballotCount: number
  /** The share that is signed. @default all */
  segment?: Segment.Segment | undefined
  domain: Ballot.Domain
  /** Keccak-256 of the contract's deployed code, `0x` and 64 hex digits. */
  codeHash: string
  /** 32 bytes; from `register`. */
  registerCommitment: Uint8Array
}

export type Options = Inputs &
  Workers.Options & {
    /** The voters' addresses; from `register`. */
    registerFile: string
    spoolFile: string
    /** Called with the records that there are: first with those of an interrupted call. */
    onProgress?: ((done: number, total: number) => void) | undefined
  }

/** What a spool's header binds, before a ballot is signed. */
export function binding(inputs: Inputs): Spool.Binding {
  const digests = inputs.polls.map((poll) => Poll.digest(poll, inputs.registerCommitment))
  return {
    path: inputs.path,
    seed: inputs.electorate.seed,
    chainId: inputs.domain.chainId,
    verifyingContract: inputs.domain.verifyingContract,
    codeHash: inputs.codeHash,
    ballotType: Ballot.TYPE,
    pollsDigest: `0x${keccak256(...digests).toString('hex')}`,
    orderDigest: CastOrder.digest(orderOf(inputs)),
    segment: inputs.segment ?? Segment.WHOLE,
  }
}

/**
 * Signs all ballots of a segment in cast order into a spool: the same bytes whatever the number
 * of workers. It goes on where a call with the same inputs was interrupted.
 *
 * Memory: about 150 MB and 50 MB a thread, whatever the number of ballots (32 bytes for each 4,096).
 *
 * @throws {TooManyBallotsError} where some voter would have to vote twice in one poll.
 * @throws {Workers.InterruptedError} when the signal came; what is signed is kept.
 */
export async function presign(options: Options): Promise<Spool.Header> {
  const { electorate, polls, path, ballotCount, spoolFile, segment = Segment.WHOLE } = options
  if (ballotCount > CastOrder.create(orderOf(options)).ballotCountMax) {
    throw new TooManyBallotsError(ballotCount, electorate.size, polls.length)
  }
  const bound = binding(options)
  Spool.assertBinding(bound)
  const count = Segment.countOf(segment, ballotCount)
  const part = PartFile.open(spoolFile, {
    content: { version: SpoolHeader.VERSION, ...bound, count },
    startBytes: Spool.HEADER_SIZE_BYTES,
    itemSizeBytes: Spool.RECORD_SIZE_BYTES[path],
    itemCount: count,
    blockItems: Spool.BLOCK_RECORDS,
    digest: Spool.blockDigest,
    onProgress: options.onProgress,
  })
  try {
    await Workers.run(workOf(options, part.path), part.missing, part.note, options)
    return part.finish((descriptor) => Spool.seal(descriptor, bound, count, part.digests))
  } finally {
    part.close()
  }
}

/** What is sent to the threads that write the records to their places in `file`. */
export function workOf(options: Inputs & { registerFile: string }, file: string): SpoolWork {
  const { path, electorate, domain, registerFile, segment = Segment.WHOLE } = options
  return {
    kind: 'spool',
    file,
    registerFile,
    path,
    seed: electorate.seed,
    order: orderOf(options),
    domain,
    polls: options.polls.map((poll) => ({
      pollId: poll.pollId,
      optionCount: poll.options.length,
      pollDigest: Poll.digest(poll, options.registerCommitment),
    })),
    segment,
    count: Segment.countOf(segment, options.ballotCount),
  }
}

function orderOf({ order, electorate, polls }: Inputs): CastOrder.Description {
  return order ?? CastOrder.uniformOf(electorate, polls)
}

/** More ballots are asked for than the voters can cast. */
export class TooManyBallotsError extends BallotstormError {
  override readonly name = 'presign.TooManyBallotsError'
  readonly code = 'PRESIGN_TOO_MANY_BALLOTS'
  readonly exitCode = 104
  readonly remedy = 'Raise --voters, or lower the number of ballots.'
  constructor(ballotCount: number, voterCount: number, pollCount: number) {
    super(
      `${ballotCount} ballots are more than ${voterCount} voters can cast in ${pollCount} poll(s): that takes ${Math.ceil(ballotCount / pollCount)} voters.`,
    )
  }
}

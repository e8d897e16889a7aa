import * as Contract from '../../scenarios/ballots/Contract.ts'
import type { Log } from '../ethereum/TransactionReceipt.ts'
import { isAt, type Executed, type Poll } from './Decoder.ts'
import { numberOf } from './numberOf.ts'

/**
 * The arguments of an event that holds numbers only and the indexed ones first: topics and data hold
 * them in their order. Read by hand, since a block holds thousands.
 */
export function argumentsOf({ topics, data }: Pick<Log, 'topics' | 'data'>): number[] {
  const wordCount = Math.floor((data.length - 2) / 64)
  const words = Array.from({ length: wordCount }, (_, index) => dataWord({ data }, index))
  return [...topics.slice(1), ...words].map(numberOf)
}

/** A word of an event's data, `0x` and 64 hex digits. @param index - from 0. */
export function dataWord({ data }: Pick<Log, 'data'>, index: number): string {
  return `0x${data.slice(2 + index * 64, 2 + (index + 1) * 64)}`
}

/** The polls that events of a BallotBox or BallotAnchor say were created. */
export function pollsIn(executed: readonly Executed[], contract: string): Poll[] {
  return executed.flatMap(({ logs }) =>
    logs.filter(({ address }) => isAt(address, contract)).flatMap(pollOf),
  )
}

function pollOf(log: Log): Poll[] {
  if (log.topics[0] !== POLL_CREATED) return []
  const event = Contract.ballotBox.parseLog(log)
  if (event === null) return []
  const { pollId, pollDigest, register, opensAt, closesAt, sealsAt, question, options, ...rest } =
    event.args.toObject(true)
  const slice = {
    firstVoter: Number(rest['firstVoter']),
    voterCount: Number(rest['voterCount']),
  }
  return [
    {
      pollId: Number(pollId),
      question: String(question),
      options: Object.values(options).map(String),
      binding: {
        pollDigest: String(pollDigest),
        register: String(register).toLowerCase(),
        slice: slice.voterCount === 0 ? undefined : slice,
        opensAt: Number(opensAt),
        closesAt: Number(closesAt),
        sealsAt: Number(sealsAt),
      },
    },
  ]
}

const POLL_CREATED = Contract.ballotBox.getEvent('PollCreated')?.topicHash

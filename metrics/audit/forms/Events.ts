import * as Contract from '../../../scenarios/ballots/Contract.ts'
import type { Log } from '../../ethereum/TransactionReceipt.ts'
import type { Poll } from './Form.ts'

/**
 * The arguments of an event that holds numbers only and the indexed ones first: topics and data hold
 * them in their order. Read by hand, since a block holds thousands.
 */
export function argumentsOf({ topics, data }: Log): number[] {
  return [...topics.slice(1).map(number), ...numbers(data.slice(2))]
}

/** The EVM words in a string of hex digits, as numbers. */
export function numbers(hex: string): number[] {
  return Array.from({ length: Math.floor(hex.length / 64) }, (_, index) =>
    number(`0x${hex.slice(index * 64, index * 64 + 64)}`),
  )
}

/** What is greater than any ballot's number becomes the greatest there is. */
function number(hex: string): number {
  const value = Number(hex)
  return Number.isSafeInteger(value) ? value : Number.MAX_SAFE_INTEGER
}

/** The poll that an event says was created, in a list of one; none of another event. */
export function pollOf(log: Log): Poll[] {
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

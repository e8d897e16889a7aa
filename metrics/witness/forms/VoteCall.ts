import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import { numberOf } from '../Counted.ts'
import type { Log, Transaction } from '../RawBlock.ts'

/** A transaction to a PollQuestion. */
export type VoteCall = {
  question: ActiveCitizen2017.Question
  /** Its hash. */
  transaction: string
  /** Undefined where it is another call. */
  vote: Vote | undefined
}

/** A vote as its calldata and events tell it; whether it counts is for the state to say. */
export type Vote = {
  question: ActiveCitizen2017.Question
  transaction: string
  userKey: string
  /** The greatest number where the key is not of our form: somebody else's vote. */
  voterIndex: number
  version: number
  options: number[]
  /** The code of `VoteError`, or that the sender is not the owner. */
  refusal: number | 'access denied' | undefined
}

/** @param logs - all events of our contracts in the block. */
export function read(
  question: ActiveCitizen2017.Question,
  { hash: transaction, input }: Transaction,
  logs: readonly Log[],
): VoteCall {
  const call = argumentsOf(input)
  if (call === undefined) return { question, transaction, vote: undefined }
  const voterIndex = ActiveCitizen2017.voterOf(call.userKey)?.voterIndex ?? Number.MAX_SAFE_INTEGER
  const own = logs.filter((log) => log.transactionHash === transaction)
  const refusal = refusalOf(own, question.address)
  return { question, transaction, vote: { question, transaction, voterIndex, refusal, ...call } }
}

function argumentsOf(input: string): Pick<Vote, 'version' | 'userKey' | 'options'> | undefined {
  if (!input.startsWith(SELECTOR)) return undefined
  try {
    const [version, userKey, options] = ActiveCitizen2017.question.decodeFunctionData('vote', input)
    const listed = Array.from<bigint>(options)
    return {
      version: numberOf(version),
      userKey: String(userKey),
      options: listed.map((option) => numberOf(option)),
    }
  } catch {
    // Whatever it is, the number of voters shows whether it counted.
    return undefined
  }
}

function refusalOf(logs: readonly Log[], address: string): Vote['refusal'] {
  for (const log of logs) {
    if (log.address.toLowerCase() !== address) continue
    if (log.topics[0] === DENIED_TOPIC) return 'access denied'
    // The code is the fourth argument; none is indexed.
    if (log.topics[0] === ERROR_TOPIC)
      return numberOf(`0x${log.data.slice(2 + 3 * 64, 2 + 4 * 64)}`)
  }
  return undefined
}

const SELECTOR = ActiveCitizen2017.question.getFunction('vote')?.selector ?? ''
const ERROR_TOPIC = ActiveCitizen2017.question.getEvent('VoteError')?.topicHash
const DENIED_TOPIC = ActiveCitizen2017.owned.getEvent('AccessDenied')?.topicHash

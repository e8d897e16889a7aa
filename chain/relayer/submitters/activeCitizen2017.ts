import * as LegacyTransaction from '../../../scenarios/ballots/LegacyTransaction.ts'
import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import type { Register } from '../../../scenarios/ballots/Register.ts'
import * as Journal from '../Journal.ts'
import type { Ballot, Call } from '../Call.ts'
import type { BatchResult, BatchSubmitter } from './BatchSubmitter.ts'

/**
 * Blocks that the transactions under way fill: one that is being made, one that may come before we
 * have seen it, and more for a machine that is busy: a block that is not full is lost capacity.
 */
const BLOCKS_IN_FLIGHT = 5

/** Few enough that a pool of the usual size takes them, and a restart reads them at once. */
const IN_FLIGHT_MAX = 600

/** A vote was measured at 155,000 to 190,000 gas; strings of a foreign deployment may cost more. */
const GAS_PER_VOTE_MIN = 200_000

/** Above what a node estimates: the first vote for an option writes a slot more. */
const ESTIMATE_MARGIN = 1.25

/** Nobody's key: that user has not voted. */
const FRESH_USER_KEY = 'f'.repeat(48)

/** Skip reason for a voter whose key has another vote, as the BallotBox calls it. */
const ALREADY_VOTED = 7

type Options = {
  questions: readonly ActiveCitizen2017.Question[]
  /** Names the voters of the votes. */
  register: Pick<Register, 'at'>
}

/**
 * Vote by vote, each a transaction of the one owner's account. A refused vote does not revert, so a
 * vote is judged by what the contract's state says of its voter, never by its receipt.
 */
export function activeCitizen2017({ questions, register }: Options): BatchSubmitter {
  const byPoll = new Map(questions.map((question) => [question.pollId, question]))
  const byAddress = new Map(questions.map((question) => [question.address, question]))
  const [first] = questions
  let gasPerVote = GAS_PER_VOTE_MIN

  function encode(ballots: readonly Ballot[], blockGasLimit: number): Call {
    const [ballot] = ballots
    const question = byPoll.get(ballot?.pollId ?? 0)
    if (ballot === undefined || question === undefined) throw new NoQuestionError(ballot?.pollId)
    const voter = register.at(ballot.voterIndex)
    if (voter === undefined) throw new NoVoterError(ballot.voterIndex)
    const userKey = ActiveCitizen2017.userKey(ballot.voterIndex, Address.toHex(voter))
    const data = calldata(question, userKey, ballot.choice)
    return { to: question.address, data, gasLimit: Math.min(gasPerVote, blockGasLimit) }
  }

  function decode({ to, data }: Pick<Call, 'to' | 'data'>): Ballot[] {
    const vote = ActiveCitizen2017.question.decodeFunctionData('vote', data)
    const voter = ActiveCitizen2017.voterOf(String(vote['userKey']))
    const question = byAddress.get(to)
    if (voter === undefined || question === undefined) return []
    const { voterIndex } = voter
    const [choice] = [...vote['options']].map(Number)
    return [{ pollId: question.pollId, voterIndex, choice: choice ?? 0, signature: undefined }]
  }

  return {
    contracts: first === undefined ? [] : [first.address],
    isGuarded: true,
    batchBallotsMax: 1,
    batchesInFlightMax: (blockGasLimit) =>
      Math.min(
        IN_FLIGHT_MAX,
        BLOCKS_IN_FLIGHT * Math.max(1, Math.ceil(blockGasLimit / gasPerVote)),
      ),
    ballotsFitting: () => 1,
    async prepare(chain, from) {
      if (first === undefined) return
      const call = { from, to: first.address, data: calldata(first, FRESH_USER_KEY, 0) }
      const estimate = await chain.estimateGas(call)
      gasPerVote = Math.max(GAS_PER_VOTE_MIN, Math.ceil(estimate * ESTIMATE_MARGIN))
    },
    encode,
    decode,
    async judge({ chain, journal }, block, mined) {
      const transactions = await journal.transactions(mined.map(({ batchId }) => batchId))
      const votes = transactions.flatMap(({ hash, raw }) => {
        const call = LegacyTransaction.decode(raw)
        return decode(call).map((ballot) => ({ hash, call, ballot }))
      })
      const answers = await chain.calls(
        votes.map(({ call }) => ({ to: call.to, data: voteOfUser(call.data) })),
        block.number,
      )
      const outcomes = new Map<string, BatchResult>()
      votes.forEach(({ hash, ballot }, index) => {
        const reason = refusal(answers[index], ballot.choice)
        const skips = reason === undefined ? [] : [{ ...ballot, reason }]
        outcomes.set(hash, { ballotCount: 1, skips })
      })
      return outcomes
    },
  }
}

function calldata({ version }: { version: number }, userKey: string, choice: number): Buffer {
  const values = [version, userKey, [choice], '', '']
  return toBytes(ActiveCitizen2017.question.encodeFunctionData('vote', values))
}

/** Asks for the vote that the given calldata casts. */
function voteOfUser(data: Uint8Array): Buffer {
  const { userKey } = ActiveCitizen2017.question.decodeFunctionData('vote', data)
  return toBytes(ActiveCitizen2017.question.encodeFunctionData('VoteOfUser', [userKey]))
}

/**
 * Why a vote does not count, by what the contract holds of its voter after the block; `undefined`
 * where it counts, whichever of our transactions brought it.
 *
 * @param answer - to `VoteOfUser`; `undefined` where the contract gave none.
 */
function refusal(answer: string | undefined, choice: number): number | undefined {
  const options = answer === undefined ? [] : optionsIn(answer)
  if (options.length === 0) return Journal.REVERTED
  return options.length === 1 && options[0] === choice ? undefined : ALREADY_VOTED
}

function optionsIn(answer: string): number[] {
  try {
    const [options] = ActiveCitizen2017.question.decodeFunctionResult('VoteOfUser', answer)
    return [...options].map(Number)
  } catch {
    return []
  }
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}

/** The relayer was not told where the votes of a poll go. */
export class NoQuestionError extends BallotstormError {
  override readonly name = 'activeCitizen2017.NoQuestionError'
  readonly code = 'QUESTION_UNKNOWN'
  readonly exitCode = 1
  readonly remedy = 'Add the poll to submitter.questions.'
  constructor(pollId: number | undefined) {
    super(`The configuration has no question for poll ${pollId ?? 'undefined'}.`)
  }
}

/** A ballot names a voter beyond the end of the register. */
export class NoVoterError extends BallotstormError {
  override readonly name = 'activeCitizen2017.NoVoterError'
  readonly code = 'VOTER_UNKNOWN'
  readonly exitCode = 1
  readonly remedy = 'Give the relayer the register that the API admits by.'
  constructor(voterIndex: number) {
    super(`The register has no voter ${voterIndex}.`)
  }
}

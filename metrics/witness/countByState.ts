import type { Question } from '../../scenarios/ballots/ActiveCitizen2017.ts'
import { callsIn, type Vote } from '../contracts/activeCitizen2017.ts'
import * as QuestionState from '../contracts/QuestionState.ts'
import type { CheckedBlock } from '../blocks/CheckedBlock.ts'
import type { Rpc } from '../rpc/Rpc.ts'
import { executedIn, nothing, type Counted } from './Counted.ts'

/**
 * Votes of the system of 2017. No event tells of a vote that counts, and the status of a refused one
 * says success: so acceptance is read from the question's state before and after the block.
 *
 * A vote that came by another contract's call has no transaction of its own. It shows where the
 * number of voters rises by more than the votes of the block, and in the result.
 *
 * @throws {RpcError}
 */
export async function countByState(
  node: Rpc,
  checked: CheckedBlock,
  questions: readonly Question[],
): Promise<Counted> {
  const counted = nothing()
  const calls = callsIn(executedIn(checked), questions)
  for (const [question, ofQuestion] of groupBy(calls, (call) => call.question)) {
    const votes = ofQuestion.flatMap(({ vote }) => vote ?? [])
    const byKey = groupBy(votes, ({ userKey }) => userKey)
    const { address } = question
    const change = await QuestionState.read(node, checked.block, {
      address,
      userKeys: [...byKey.keys()],
    })
    let acceptedCount = 0
    for (const [index, ofKey] of [...byKey.values()].entries()) {
      const wasAccepted = addVoter(counted, ofKey, change.votes[index])
      if (wasAccepted) acceptedCount += 1
    }
    const risenBy = change.voterCount.after - change.voterCount.before
    const [first] = ofQuestion
    if (risenBy === acceptedCount || first === undefined) continue
    const reason = `poll ${question.pollId} has ${risenBy} more voters after the block, and the block holds ${acceptedCount} accepted votes`
    contradict(counted, { transaction: first.transaction, reason, pollId: question.pollId })
  }
  return counted
}

/**
 * Enters all votes of a block with one key: which of them the state shows, and which were refused.
 *
 * @returns whether the voter has voted in this block.
 */
function addVoter(
  counted: Counted,
  votes: readonly Vote[],
  change: QuestionState.Change<readonly number[]> | undefined,
): boolean {
  const { before = [], after = [] } = change ?? {}
  const wasAccepted = before.length === 0 && after.length > 0
  const winner = wasAccepted ? winnerOf(votes, after) : undefined
  if (winner !== undefined) addAccepted(counted, winner, after)
  for (const vote of votes) {
    const { question, refusal } = vote
    if (vote === winner || refusal === undefined || refusal === 'access denied') continue
    counted.skips.push([question.pollId, voterIndexOf(vote), enter(counted, vote), refusal])
  }
  const [first] = votes
  if (before.length > 0 && !isSame(before, after) && first !== undefined) {
    const reason = `the state said ${tell(before)} before the block, and says ${tell(after)} after it`
    contradict(counted, { ...placeOf(first), reason })
  }
  return wasAccepted
}

/** The vote that the state shows: one that was not refused, rather one that says the same. */
function winnerOf(votes: readonly Vote[], options: readonly number[]) {
  const possible = votes.filter(({ refusal }) => refusal === undefined)
  return possible.find((vote) => isSame(vote.options, options)) ?? possible[0] ?? votes[0]
}

/** The choice is what the state says: an option that stands twice counts twice. */
function addAccepted(counted: Counted, vote: Vote, options: readonly number[]): void {
  const { question } = vote
  const at = enter(counted, vote)
  const doubt = (reason: string): void => contradict(counted, { ...placeOf(vote), reason })
  if (vote.refusal !== undefined) doubt('the events say refused, the state holds the vote')
  if (!isSame(vote.options, options)) {
    doubt(`the state says ${tell(options)}, the calldata ${tell(vote.options)}`)
  }
  if (options.length > 1) doubt(`more than one option counts: ${tell(options)}`)
  if (vote.version !== question.version) {
    // It counts, but not in this poll's result.
    return doubt(`counted in version ${vote.version}, the poll is version ${question.version}`)
  }
  for (const choice of options) {
    counted.casts.push([question.pollId, voterIndexOf(vote), choice, at])
  }
}

function placeOf(vote: Vote) {
  const { transaction, question } = vote
  return { transaction, pollId: question.pollId, voterIndex: voterIndexOf(vote) }
}

/** The greatest number where the key names no voter: somebody else's vote. */
function voterIndexOf({ voter }: Vote): number {
  return voter?.voterIndex ?? Number.MAX_SAFE_INTEGER
}

function contradict(counted: Counted, contradiction: Counted['contradictions'][number]): void {
  enter(counted, contradiction)
  counted.contradictions.push(contradiction)
}

/** The transaction's place in the list, in which it stands once. */
function enter({ transactions }: Counted, { transaction }: { transaction: string }): number {
  const at = transactions.lastIndexOf(transaction)
  return at === -1 ? transactions.push(transaction) - 1 : at
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((option, index) => option === b[index])
}

function tell(options: readonly number[]): string {
  return options.length === 0 ? 'no option' : `option ${options.join(' and ')}`
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

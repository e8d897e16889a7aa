import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import * as Rpc from '../rpc/Rpc.ts'
import type * as Form from './forms/Form.ts'
import { readResult } from './findQuestions.ts'
import type { Counts, PollState } from './Polls.ts'
import type { Ledger } from './walk.ts'

/** Polls in one question. */
const POLLS_PER_QUESTION = 200

const Bytes = Type.String({ pattern: '^0x[0-9a-f]*$' })

/** Whose result is asked for. */
export type Target = { form: Form.Name; contracts: Form.Contracts }

/**
 * The result that a node tells for each poll; `undefined` where it tells none. By option in a
 * BallotBox, in 2017 with the number of voters last; in a BallotAnchor only the number of ballots.
 */
export type Tallies = Map<number, number[] | undefined>

/**
 * Asks every node for the contract's own result as of the last verified block, and holds it against
 * the recount.
 *
 * @returns what the first node says.
 */
export async function compareTallies(
  ledger: Ledger,
  nodes: readonly Rpc.Rpc[],
  target: Target,
): Promise<Tallies> {
  const polls = ledger.polls.all()
  const told = await Promise.all(nodes.map((node) => ask(node, polls, target, ledger)))
  for (const [index, node] of nodes.entries()) {
    for (const poll of polls) {
      const tally = told[index]?.get(poll.poll.pollId)
      const recount = toldOf(poll.counts, target.form)
      // Blocks that were not shown may hold the difference.
      if (tally === undefined || ledger.chain.brokenCount > 0) continue
      if (isSame(tally, recount)) continue
      ledger.findings.add({
        kind: 'tallyMismatch',
        pollId: poll.poll.pollId,
        message: `In poll ${poll.poll.pollId} the contract tells ${tally.join(', ')} by ${node.name}, the recount gives ${recount.join(', ')}.`,
        evidence: {
          node: node.name,
          block: ledger.chain.number,
          blockHash: ledger.chain.hash,
          tally: tally.join(','),
          recount: recount.join(','),
        },
      })
    }
  }
  return told[0] ?? new Map()
}

async function ask(
  node: Rpc.Rpc,
  polls: readonly PollState[],
  { form, contracts }: Target,
  { chain }: Ledger,
): Promise<Tallies> {
  if (form === 'active-citizen-2017') return ask2017(node, contracts, chain.number)
  const tallies: Tallies = new Map()
  const [wire, method] =
    form === 'anchored'
      ? ([Anchor.ballotAnchor, 'ballotCount'] as const)
      : ([Contract.ballotBox, 'tally'] as const)
  for (let from = 0; from < polls.length; from += POLLS_PER_QUESTION) {
    const part = polls.slice(from, from + POLLS_PER_QUESTION)
    const calls = part.map(({ poll }) => {
      const data = wire.encodeFunctionData(method, [poll.pollId])
      const block = `0x${chain.number.toString(16)}`
      return { method: 'eth_call', params: [{ to: contracts.main, data }, block] }
    })
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    const answers = await node.ask(calls).catch(unanswered)
    part.forEach(({ poll }, index) => tallies.set(poll.pollId, numbersIn(answers[index], form)))
  }
  return tallies
}

async function ask2017(
  node: Rpc.Rpc,
  { questions }: Form.Contracts,
  block: number,
): Promise<Tallies> {
  const tallies: Tallies = new Map()
  for (const [index, question] of questions.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- a node is asked one thing after the other
    const result = await readResult(node, question, block).catch(() => undefined)
    tallies.set(index + 1, result && [...result.results, result.voterCount])
  }
  return tallies
}

/** A node that cannot execute tells no result; that is said, and is no breach. */
function unanswered(error: unknown): unknown[] {
  if (error instanceof Rpc.RpcError) return []
  throw error
}

function numbersIn(answer: unknown, form: Form.Name): number[] | undefined {
  if (!Value.Check(Bytes, answer)) return undefined
  try {
    if (form === 'anchored') return [Number(BigInt(answer))]
    const [votes]: unknown[] = Contract.ballotBox.decodeFunctionResult('tally', answer).toArray()
    return Array.isArray(votes) ? votes.map(Number) : undefined
  } catch {
    return undefined
  }
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index])
}

/** What the contract should tell by the recount. */
function toldOf({ recount, voterCount }: Counts, form: Form.Name): number[] {
  if (form === 'anchored') return [voterCount]
  return form === 'ballot-box' ? recount : [...recount, voterCount]
}

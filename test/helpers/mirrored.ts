import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import type { System } from './system.ts'

/** A ballot as the chain has it: `poll/voter/choice`. */
export type Key = string

type Transaction = { hash: string; to: string | null; input: string }
type Block = { number: string; gasUsed: string; transactions: Transaction[] }

/** All blocks, with their transactions. */
export async function blocks(system: System): Promise<Block[]> {
  const head = Number(await system.rpc('eth_blockNumber'))
  const numbers = Array.from({ length: head + 1 }, (_, number) => `0x${number.toString(16)}`)
  const found: Block[] = []
  for (const number of numbers) {
    const block: unknown = await system.rpc('eth_getBlockByNumber', [number, true])
    if (isBlock(block)) found.push(block)
  }
  return found
}

/**
 * The ballots that stand anchored, in their order, read from the calldata of what did not revert;
 * their Merkle roots are computed anew and compared with those of the calls.
 */
export async function anchored(system: System): Promise<Key[]> {
  const keys: Key[] = []
  for (const { transactions } of await blocks(system)) {
    for (const { hash, to, input } of transactions) {
      const call = to === system.ballotBox && Anchor.ballotAnchor.parseTransaction({ data: input })
      if (!call || call.name !== 'anchor' || !(await hasSucceeded(system, hash))) continue
      const [root, packed] = call.args
      const ballots = Anchor.decode(Buffer.from(String(packed).slice(2), 'hex'))
      if (Anchor.root(ballots) !== root) throw new Error(`${hash}: the root is wrong`)
      keys.push(...ballots.map(keyOf))
    }
  }
  return keys
}

/** What the contracts of 2017 hold of voters, one question asked for each. */
export async function votes2017(
  system: System,
  ballots: readonly { voterIndex: number; voter: Buffer; pollId: number }[],
): Promise<Key[]> {
  const keys: Key[] = []
  for (const { pollId, voterIndex, voter } of ballots) {
    const userKey = ActiveCitizen2017.userKey(voterIndex, `0x${voter.toString('hex')}`)
    const data = ActiveCitizen2017.question.encodeFunctionData('VoteOfUser', [userKey])
    const answer = await system.rpc('eth_call', [{ to: questionOf(system), data }, 'latest'])
    const [options] = ActiveCitizen2017.question.decodeFunctionResult('VoteOfUser', String(answer))
    for (const choice of options) keys.push(keyOf({ pollId, voterIndex, choice: Number(choice) }))
  }
  return keys
}

/** The one question of the system. */
export function questionOf({ submitter }: System): string {
  if (submitter.kind !== 'active-citizen-2017')
    throw new Error(`${submitter.kind} has no questions`)
  return submitter.questions[0]?.address ?? ''
}

export function keyOf(ballot: { pollId: number; voterIndex: number; choice: number }): Key {
  return `${ballot.pollId}/${ballot.voterIndex}/${ballot.choice}`
}

async function hasSucceeded(system: System, hash: string): Promise<boolean> {
  const receipt = await system.rpc('eth_getTransactionReceipt', [hash])
  return (
    typeof receipt === 'object' &&
    receipt !== null &&
    'status' in receipt &&
    receipt.status === '0x1'
  )
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && 'transactions' in value
}

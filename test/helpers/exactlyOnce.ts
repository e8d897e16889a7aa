import { JsonRpcProvider } from 'ethers'

import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'

/** What a voter meant. */
export type Intent = { pollId: number; voterIndex: number; choice: number }

/** What is wrong with the chain; all empty where nothing is. Ballots as `poll/voter`. */
export type Violations = {
  lost: string[]
  duplicated: string[]
  altered: string[]
  unexpected: string[]
  /** Polls whose tally is not the recount of their ballots. */
  miscounted: string[]
}

/**
 * Reads the chain from its first block, and nothing else, and compares it with what the voters were
 * told: every acknowledged ballot is on it exactly once and with its choice, nothing is there that
 * nobody sent, and the contract's tally is the recount.
 *
 * @param unanswered - ballots that were sent and got no definite answer: once or never.
 */
export async function exactlyOnce(
  chain: { rpcUrl: string; ballotBox: string },
  acknowledged: readonly Intent[],
  unanswered: readonly Intent[] = [],
): Promise<Violations> {
  const counted = await readCounted(chain)
  const violations: Violations = {
    lost: [],
    duplicated: [],
    altered: [],
    unexpected: [],
    miscounted: [],
  }
  const known = new Set<string>()
  for (const [intents, isAcknowledged] of [
    [acknowledged, true],
    [unanswered, false],
  ] as const) {
    for (const intent of intents) {
      const key = keyOf(intent)
      known.add(key)
      const choices = counted.get(key) ?? []
      if (choices.length === 0 && isAcknowledged) violations.lost.push(key)
      if (choices.length > 1) violations.duplicated.push(key)
      if (choices.some((choice) => choice !== intent.choice)) violations.altered.push(key)
    }
  }
  for (const key of counted.keys()) if (!known.has(key)) violations.unexpected.push(key)
  violations.miscounted = await miscounted(chain, counted)
  return violations
}

/** The violations of a healthy system. */
export const NONE: Violations = {
  lost: [],
  duplicated: [],
  altered: [],
  unexpected: [],
  miscounted: [],
}

/** All choices that were counted for each voter and poll: calldata less skips, plus own casts. */
async function readCounted(chain: {
  rpcUrl: string
  ballotBox: string
}): Promise<Map<string, number[]>> {
  const provider = new JsonRpcProvider(chain.rpcUrl, undefined, { staticNetwork: true })
  const counted = new Map<string, number[]>()
  const count = (intent: Intent): void => {
    const key = keyOf(intent)
    counted.set(key, [...(counted.get(key) ?? []), intent.choice])
  }
  try {
    const headNumber = await provider.getBlockNumber()
    for (let number = 0; number <= headNumber; number += 1) {
      const block = await provider.getBlock(number, true)
      if (block === null) throw new Error(`block ${number} of ${headNumber} is missing`)
      for (const transaction of block.prefetchedTransactions) {
        if (transaction.to?.toLowerCase() !== chain.ballotBox) continue
        const call = Contract.ballotBox.parseTransaction(transaction)
        if (call?.name !== 'castBatch') continue
        const receipt = await provider.getTransactionReceipt(transaction.hash)
        if (receipt?.status !== 1) continue
        const skipped = new Set<number>()
        for (const log of receipt.logs) {
          const event = Contract.ballotBox.parseLog(log)
          if (event?.name === 'BallotSkipped') skipped.add(Number(event.args['position']))
        }
        const ballots = Batch.decode(Buffer.from(String(call.args[0]).slice(2), 'hex'))
        ballots.forEach((ballot, position) => {
          if (!skipped.has(position)) count(ballot)
        })
      }
    }
  } finally {
    provider.destroy()
  }
  return counted
}

async function miscounted(
  chain: { rpcUrl: string; ballotBox: string },
  counted: ReadonlyMap<string, readonly number[]>,
): Promise<string[]> {
  const provider = new JsonRpcProvider(chain.rpcUrl, undefined, { staticNetwork: true })
  const call = async (name: string, args: unknown[]): Promise<unknown> => {
    const data = Contract.ballotBox.encodeFunctionData(name, args)
    const answer = await provider.call({ to: chain.ballotBox, data })
    return Contract.ballotBox.decodeFunctionResult(name, answer)[0]
  }
  try {
    const problems: string[] = []
    const pollCount = Number(await call('pollCount', []))
    for (let pollId = 1; pollId <= pollCount; pollId += 1) {
      const tally = [...((await call('tally', [pollId])) as bigint[])].map(Number)
      const recount = tally.map(() => 0)
      for (const [key, choices] of counted) {
        if (!key.startsWith(`${pollId}/`)) continue
        for (const choice of choices) recount[choice] = (recount[choice] ?? 0) + 1
      }
      if (String(tally) !== String(recount)) problems.push(`${pollId}: ${tally} against ${recount}`)
    }
    return problems
  } finally {
    provider.destroy()
  }
}

function keyOf({ pollId, voterIndex }: { pollId: number; voterIndex: number }): string {
  return `${pollId}/${voterIndex}`
}

import { setTimeout as sleep } from 'node:timers/promises'

import { JsonRpcProvider, type TransactionResponse } from 'ethers'

import { decodeCall } from '../../metrics/contracts/ballotBox.ts'
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

export type Chain = {
  /** The node to read. */
  rpcUrl: string
  /** All nodes: what one of them has, the one that is read must have too. */
  rpcUrls: readonly string[]
  ballotBox: string
}

/** A node that was just started again takes seconds to catch up. */
const CATCH_UP_TIMEOUT_MS = 60_000

/**
 * Reads the chain from its first block, and nothing else, and compares it with what the voters were
 * told: every acknowledged ballot is on it exactly once and with its choice, nothing is there that
 * nobody sent, and the contract's tally is the recount.
 *
 * @param unanswered - ballots that were sent and got no definite answer: once or never.
 */
export async function exactlyOnce(
  chain: Chain,
  acknowledged: readonly Intent[],
  unanswered: readonly Intent[] = [],
): Promise<Violations> {
  await catchUp(chain)
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

async function catchUp({ rpcUrl, rpcUrls }: Chain): Promise<void> {
  const heights = await Promise.all(rpcUrls.map(heightOf))
  const wanted = Math.max(...heights)
  for (let waitedMs = 0; waitedMs < CATCH_UP_TIMEOUT_MS; waitedMs += 100) {
    if ((await heightOf(rpcUrl)) >= wanted) return
    await sleep(100)
  }
  throw new Error(`${rpcUrl} did not reach block ${wanted}`)
}

async function heightOf(rpcUrl: string): Promise<number> {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  try {
    return await provider.getBlockNumber()
  } finally {
    provider.destroy()
  }
}

/** All choices that batches had counted for each voter and poll: calldata less skips. */
async function readCounted(chain: {
  rpcUrl: string
  ballotBox: string
}): Promise<Map<string, number[]>> {
  const provider = new JsonRpcProvider(chain.rpcUrl, undefined, { staticNetwork: true })
  const counted = new Map<string, number[]>()
  try {
    const headNumber = await provider.getBlockNumber()
    for (let number = 0; number <= headNumber; number += 1) {
      const block = await provider.getBlock(number, true)
      if (block === null) throw new Error(`block ${number} of ${headNumber} is missing`)
      const calls = block.prefetchedTransactions.filter(
        ({ to }) => to?.toLowerCase() === chain.ballotBox,
      )
      const batches = await Promise.all(calls.map((each) => readBatch(provider, each)))
      for (const intent of batches.flat()) {
        const key = keyOf(intent)
        counted.set(key, [...(counted.get(key) ?? []), intent.choice])
      }
    }
  } finally {
    provider.destroy()
  }
  return counted
}

async function readBatch(
  provider: JsonRpcProvider,
  transaction: TransactionResponse,
): Promise<Intent[]> {
  const call = decodeCall(transaction.data)
  const receipt = await provider.getTransactionReceipt(transaction.hash)
  if (call?.method !== 'castBatch' || receipt?.status !== 1) return []
  const events = receipt.logs.map((log) => Contract.ballotBox.parseLog(log))
  const skipped = new Set(
    events.flatMap((event) =>
      event?.name === 'BallotSkipped' ? [Number(event.args['position'])] : [],
    ),
  )
  return call.ballots.filter((_, position) => !skipped.has(position))
}

async function miscounted(
  chain: { rpcUrl: string; ballotBox: string },
  counted: ReadonlyMap<string, readonly number[]>,
): Promise<string[]> {
  const provider = new JsonRpcProvider(chain.rpcUrl, undefined, { staticNetwork: true })
  const call = async (name: string, args: unknown[]): Promise<string> => {
    const data = Contract.ballotBox.encodeFunctionData(name, args)
    const answer = await provider.call({ to: chain.ballotBox, data })
    return String(Contract.ballotBox.decodeFunctionResult(name, answer)[0])
  }
  try {
    const problems: string[] = []
    const pollCount = Number(await call('pollCount', []))
    for (let pollId = 1; pollId <= pollCount; pollId += 1) {
      const tally = (await call('tally', [pollId])).split(',')
      const choices = [...counted].flatMap(([key, each]) =>
        key.startsWith(`${pollId}/`) ? each : [],
      )
      const recount = tally.map((_, option) => choices.filter((choice) => choice === option).length)
      if (tally.join() !== recount.join()) {
        problems.push(`${pollId}: ${tally.join()} against ${recount.join()}`)
      }
    }
    return problems
  } finally {
    provider.destroy()
  }
}

function keyOf({ pollId, voterIndex }: { pollId: number; voterIndex: number }): string {
  return `${pollId}/${voterIndex}`
}

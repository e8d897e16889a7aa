import * as fc from 'fast-check'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import type { Ballot, Executed } from '../../../metrics/contracts/Decoder.ts'

/** How many calldata a fuzz sent to a contract, and how many of them it took. */
export type Counts = { calldataCount: number; takenCount: number }

/** Prints what a person copies into `BENCHMARKS.md`. */
export function tell(name: string, { calldataCount, takenCount }: Counts): void {
  const percent = Math.round((100 * takenCount) / calldataCount)
  process.stdout.write(
    `fuzz of ${name}: ${calldataCount} calldata, ${takenCount} taken (${percent} %)\n`,
  )
}

const CALLS_IN_BLOCK_MAX = 3

/**
 * Runs a check on blocks of one to three calls, each on the chain as it was.
 *
 * @param undone - runs something and forgets all that it did to the chain.
 * @param check - says how many of the calls were taken.
 */
export async function fuzz<Sent>(
  calls: fc.Arbitrary<Sent>,
  {
    undone,
    check,
  }: {
    undone: (act: () => Promise<void>) => Promise<void>
    check: (calls: readonly Sent[]) => Promise<number>
  },
  options: { seed: number; numRuns: number; endOnFailure?: boolean },
): Promise<Counts> {
  const counts = { calldataCount: 0, takenCount: 0 }
  const blocks = fc.array(calls, { minLength: 1, maxLength: CALLS_IN_BLOCK_MAX })
  const property = fc.asyncProperty(blocks, (block) =>
    undone(async () => {
      counts.calldataCount += block.length
      counts.takenCount += await check(block)
    }),
  )
  await fc.assert(property, options)
  return counts
}

const Receipt = Type.Object({
  status: Type.String(),
  logs: Type.Array(
    Type.Object({
      address: Type.String(),
      topics: Type.Array(Type.String()),
      data: Type.String(),
    }),
  ),
})

/** A call as a node takes it, with the most gas that it may need. */
type Call = { from: string; input: string; gas: string; gasPrice?: string }

/** Mines calls of a contract in one block, in their order; `undefined` in the place of one that reverts. */
export async function mineTogether(
  node: { request(method: string, ...params: unknown[]): Promise<unknown> },
  to: string,
  calls: readonly Call[],
): Promise<(Executed | undefined)[]> {
  await node.request('evm_setAutomine', false)
  const hashes: string[] = []
  for (const { input, ...fields } of calls) {
    hashes.push(String(await node.request('eth_sendTransaction', { ...fields, to, data: input })))
  }
  await node.request('evm_mine')
  await node.request('evm_setAutomine', true)
  const executed: (Executed | undefined)[] = []
  for (const [index, hash] of hashes.entries()) {
    const receipt = Value.Parse(Receipt, await node.request('eth_getTransactionReceipt', hash))
    const { input = '0x' } = calls[index] ?? {}
    const isDone = receipt.status === '0x1'
    executed.push(isDone ? { hash, to, input, logs: receipt.logs } : undefined)
  }
  return executed
}

/** The ballots that count, by each of three options. */
export function recount(ballots: readonly Ballot[]): number[] {
  const votes = [0, 0, 0]
  for (const { choice, skipReason } of ballots) {
    if (skipReason === 0) votes[choice] = (votes[choice] ?? 0) + 1
  }
  return votes
}

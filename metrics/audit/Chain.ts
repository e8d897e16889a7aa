import type { Facts } from './Block.ts'
import * as Validators from '../ethereum/consensus/Validators.ts'
import type { Kind } from './Finding.ts'

/** How far the chain was verified. Plain data: it goes into files. */
export type Chain = {
  /** The last block that was looked at. */
  number: number
  /** Its hash; empty where no node shows it. */
  hash: string
  /** Unix seconds. */
  timestamp: number
  validators: Validators.Validators
  /** Blocks that no node shows in a form that holds: their ballots are not counted. */
  brokenCount: number
}

/** What speaks against a block. */
export type Problem = { kind: Kind; message: string }

/**
 * Checks that a block is the next one: that it holds in itself, stands on the block before, and
 * carries the seals that the validators so far must give.
 *
 * @returns the chain with the block, or what speaks against it.
 */
export function append(chain: Chain, facts: Facts): { next: Chain } | { problems: Problem[] } {
  const validators = structuredClone(chain.validators)
  const problems: Problem[] = facts.faults.map((message) => ({ kind: 'brokenBlock', message }))
  if (facts.hash !== '') problems.push(...linkProblems(chain, facts))
  // The seals of a block that was altered say nothing of their own.
  if (problems.length === 0) {
    for (const message of Validators.advance(validators, facts.number, facts.seal)) {
      problems.push({ kind: 'brokenSeal', message })
    }
  }
  if (problems.length > 0) return { problems }
  const { number, hash, timestamp } = facts
  return { next: { ...chain, number, hash, timestamp, validators } }
}

/**
 * Goes on behind a block that does not hold, so that what follows is checked all the same. The next
 * one is not blamed for standing on it.
 */
export function skip(chain: Chain): Chain {
  return { ...chain, number: chain.number + 1, hash: '', brokenCount: chain.brokenCount + 1 }
}

function linkProblems(chain: Chain, { parentHash, timestamp }: Facts): Problem[] {
  const problems: Problem[] = []
  if (chain.hash !== '' && parentHash !== chain.hash) {
    const message = `it stands on ${parentHash}, the block before is ${chain.hash}`
    problems.push({ kind: 'brokenBlock', message })
  }
  if (timestamp < chain.timestamp) {
    const message = `its time ${timestamp} is before that of the block before, ${chain.timestamp}`
    problems.push({ kind: 'brokenBlock', message })
  }
  return problems
}

import * as Contract from '../../scenarios/ballots/Contract.ts'
import { TOPICS, type Log } from './Chain.ts'
import type { Skip } from './Journal.ts'

/** What became of a batch that the contract counted. */
export type Outcome = { ballotCount: number; skips: Skip[] }

/**
 * The outcomes in a block's (or a receipt's) events, by transaction hash. A batch that is in the
 * block and not in here was thrown back whole: it has no `BatchCast`.
 */
export function read(logs: readonly Log[]): Map<string, Outcome> {
  const skipsOf = new Map<string, Skip[]>()
  const outcomes = new Map<string, Outcome>()
  for (const { transactionHash, topics, data } of logs) {
    const skips = skipsOf.get(transactionHash) ?? []
    skipsOf.set(transactionHash, skips)
    if (topics[0] === TOPICS.ballotSkipped) {
      const event = Contract.ballotBox.decodeEventLog('BallotSkipped', data, topics)
      skips.push({
        pollId: Number(event['pollId']),
        voterIndex: Number(event['voterIndex']),
        reason: Number(event['reason']),
      })
    } else if (topics[0] === TOPICS.batchCast) {
      const { accepted, skipped } = Contract.ballotBox.decodeEventLog('BatchCast', data, topics)
      outcomes.set(transactionHash, { ballotCount: Number(accepted) + Number(skipped), skips })
    }
  }
  return outcomes
}

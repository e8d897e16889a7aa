import * as Contract from '../../scenarios/ballots/Contract.ts'
import { isRecord } from './rpcCall.ts'
import type { Rewrite } from './rpcProxy.ts'

/** What the harness deploys is told truly; of ballots the events are left out. */
export const hideEvents: Rewrite = ({ method }, result) =>
  method === 'eth_getTransactionReceipt' && holdsBallots(result) ? { ...result, logs: [] } : result

/** A receipt of ballots has the box's event in it; one of a deployment creates a contract. */
function holdsBallots(result: unknown): result is Record<string, unknown> {
  if (!isRecord(result)) return false
  const logs = JSON.stringify(result['logs'] ?? [])
  return TOPICS.some((topic) => logs.includes(topic))
}

const TOPICS = ['BatchCast', 'BallotCast'].map(
  (name) => Contract.ballotBox.getEvent(name)?.topicHash ?? 'none',
)

import * as Contract from '../../../scenarios/ballots/Contract.ts'

/** The events of the BallotBox that the relayer reads, by their first topic. */
export const TOPICS = {
  batchCast: topicOf('BatchCast'),
  ballotSkipped: topicOf('BallotSkipped'),
  ballotCast: topicOf('BallotCast'),
} as const

function topicOf(name: string): string {
  const event = Contract.ballotBox.getEvent(name)
  if (event === null) throw new TypeError(`The BallotBox has no event ${name}.`)
  return event.topicHash
}

/** Who votes where: of which the contract counts one ballot. */
export function voterKeyOf({ pollId, voterIndex }: { pollId: number; voterIndex: number }): string {
  return `${pollId}/${voterIndex}`
}

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import type { Stand } from '../rig/Rig.ts'
import type { Fired } from './fireStorm.ts'

const Published = Type.Object({ votes: Type.Array(Type.Integer({ minimum: 0 })) })

/** Somebody who waits for a result would not wait longer. */
const TIMEOUT_MS = 10_000

/** Thousands of polls are asked for a few at a time. */
const POLLS_AT_ONCE = 16

/**
 * The result of each poll as the system under test publishes it: the contract's own count where it
 * counts, else what the API tells. Null where none is given: that gives up the comparison, not the run.
 */
export async function readPublished(
  { deployment, system }: Stand,
  fired: Fired,
): Promise<(number[] | null)[]> {
  const read = deployment.tally ?? ((pollId: number) => askApi(system.targets[0], pollId))
  const results: (number[] | null)[] = []
  for (let first = 0; first < fired.polls.length; first += POLLS_AT_ONCE) {
    const some = fired.polls.slice(first, first + POLLS_AT_ONCE)
    const reading = some.map(({ pollId }) => read(pollId).catch(() => null))
    results.push(...(await Promise.all(reading)))
  }
  return results
}

async function askApi(apiUrl: string | undefined, pollId: number): Promise<number[]> {
  const response = await fetch(`${apiUrl}/polls/${pollId}/tally`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  })
  const answer: unknown = await response.json()
  if (!Value.Check(Published, answer)) throw new TypeError(`no result of poll ${pollId}`)
  return answer.votes
}

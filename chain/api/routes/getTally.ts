import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'
import type { Poll } from '../Polls.ts'
import * as Refusal from '../Refusal.ts'
import type * as Tally from '../Tally.ts'

const schema = {
  summary: 'The result of a sealed poll, as the record has it',
  params: Type.Object({ pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }) }),
  response: {
    200: Type.Object(
      {
        pollId: Type.Integer(),
        votes: Type.Array(Type.Integer(), { description: 'For each option, in their order' }),
        blockNumber: Type.Optional(
          Type.Integer({ description: 'The block as of which it was read, where a chain counts' }),
        ),
      },
      { additionalProperties: false, description: 'It does not change any more.' },
    ),
    ...Refusal.responses(
      'MALFORMED',
      'POLL_UNKNOWN',
      'TALLY_NOT_SEALED',
      'CHAIN_UNREACHABLE',
      'DATABASE_UNREACHABLE',
    ),
  },
}

/** `GET /polls/{pollId}/tally` */
export function getTally(app: App, context: Context): void {
  // One reading at a time for each poll: a crowd that wants the result asks for it once.
  const underWay = new Map<number, Promise<Tally.Tally | undefined>>()

  function read(poll: Poll): Promise<Tally.Tally | undefined> {
    const { pollId } = poll
    const current = underWay.get(pollId)
    if (current !== undefined) return current
    const reading = context.readTally(poll).finally(() => underWay.delete(pollId))
    underWay.set(pollId, reading)
    return reading
  }

  app.get('/polls/:pollId/tally', { schema }, async (request, reply) => {
    const { pollId } = request.params
    const known = await context.polls.get(pollId)
    if (known === undefined) return Refusal.send(reply, 'POLL_UNKNOWN')
    // Before that, no block can be later than sealsAt: nobody need be asked.
    if (context.now() <= known.poll.sealsAt * 1000) return Refusal.send(reply, 'TALLY_NOT_SEALED')
    const tally = await read(known.poll)
    if (tally === undefined) return Refusal.send(reply, 'TALLY_NOT_SEALED')
    const { votes, blockNumber } = tally
    return { pollId, votes, ...(blockNumber !== undefined && { blockNumber }) }
  })
}

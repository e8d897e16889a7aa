import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'
import * as Refusal from '../Refusal.ts'
import * as Tally from '../Tally.ts'

const schema = {
  summary: 'The result of a sealed poll, as the chain counted it',
  params: Type.Object({ pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }) }),
  response: {
    200: Type.Object(
      {
        pollId: Type.Integer(),
        votes: Type.Array(Type.Integer(), { description: 'For each option, in their order' }),
        blockNumber: Type.Integer({ description: 'The block as of which it was read' }),
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
  const { rpcUrl, ballotBox } = context
  // One reading at a time for each poll: a crowd that wants the result asks the node once.
  const underWay = new Map<number, Promise<Tally.Tally | undefined>>()

  function read(pollId: number, sealsAt: number): Promise<Tally.Tally | undefined> {
    const current = underWay.get(pollId)
    if (current !== undefined) return current
    const reading = Tally.read({ rpcUrl, ballotBox, pollId, sealsAt }).finally(() =>
      underWay.delete(pollId),
    )
    underWay.set(pollId, reading)
    return reading
  }

  app.get('/polls/:pollId/tally', { schema }, async (request, reply) => {
    const { pollId } = request.params
    const known = await context.polls.get(pollId)
    if (known === undefined) return Refusal.send(reply, 'POLL_UNKNOWN')
    const { sealsAt } = known.poll
    // Before that, no block can be later than sealsAt: the node need not be asked.
    if (context.now() <= sealsAt * 1000) return Refusal.send(reply, 'TALLY_NOT_SEALED')
    const tally = await read(pollId, sealsAt)
    return tally === undefined ? Refusal.send(reply, 'TALLY_NOT_SEALED') : { pollId, ...tally }
  })
}

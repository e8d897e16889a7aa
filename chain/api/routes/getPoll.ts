import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'
import * as Polls from '../Polls.ts'
import * as Refusal from '../Refusal.ts'

const schema = {
  summary: 'One poll',
  params: Type.Object({ pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }) }),
  response: {
    200: Polls.Schema,
    ...Refusal.responses('MALFORMED', 'POLL_UNKNOWN', 'DATABASE_UNREACHABLE'),
  },
}

/** `GET /polls/{pollId}` */
export function getPoll(app: App, context: Context): void {
  app.get('/polls/:pollId', { schema }, async (request, reply) => {
    const known = await context.polls.get(request.params.pollId)
    return known?.poll ?? Refusal.send(reply, 'POLL_UNKNOWN')
  })
}

import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'
import * as Polls from '../Polls.ts'
import * as Refusal from '../Refusal.ts'

/** Polls in one answer: some 100 kB with long questions. */
const LIMIT_MAX = 100

const schema = {
  summary: 'The polls, page by page',
  querystring: Type.Object(
    {
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2 ** 32 - 1,
          default: 0,
          description: 'The last pollId of the page before',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMIT_MAX, default: LIMIT_MAX })),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object(
      { polls: Type.Array(Polls.Schema) },
      { additionalProperties: false, description: 'In the order of their numbers.' },
    ),
    ...Refusal.responses('MALFORMED', 'DATABASE_UNREACHABLE'),
  },
}

/** `GET /polls` */
export function getPolls(app: App, context: Context): void {
  app.get('/polls', { schema }, async (request, reply) => {
    const { after = 0, limit = LIMIT_MAX } = request.query
    const polls = await context.polls.list(after, limit)
    return reply.send({ polls })
  })
}

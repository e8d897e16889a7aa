import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'

const Answer = Type.Object(
  { ready: Type.Boolean(), reasons: Type.Array(Type.String()) },
  { additionalProperties: false },
)

const schema = {
  summary: 'Whether ballots may be sent here',
  description:
    'Not while PostgreSQL does not answer, lacks a migration, or is set so that it could lose what it has confirmed.',
  response: {
    200: { ...Answer, description: 'Ready.' },
    503: { ...Answer, description: 'Not ready, for these reasons; or stopping.' },
  },
}

/** `GET /readyz` */
export function getReadiness(app: App, context: Context): void {
  app.get('/readyz', { schema }, async (_request, reply) => {
    const reasons = await context.unreadiness()
    const isReady = reasons.length === 0
    return reply.code(isReady ? 200 : 503).send({ ready: isReady, reasons })
  })
}

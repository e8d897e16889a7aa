import { Type } from 'typebox'

import type { App, Context } from '../Context.ts'

const schema = {
  summary: 'Metrics for Prometheus',
  produces: ['text/plain'],
  response: { 200: Type.String({ description: 'In the text format of Prometheus.' }) },
}

/** `GET /metrics` */
export function getMetrics(app: App, context: Context): void {
  const { registry } = context.metrics
  app.get('/metrics', { schema }, async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
}

import { Type } from 'typebox'

import type { App } from '../Context.ts'
import * as Refusal from '../Refusal.ts'

const schema = {
  summary: 'Whether the process is alive',
  response: {
    200: Type.Object({ alive: Type.Literal(true) }, { description: 'It is.' }),
    ...Refusal.responses(),
  },
}

/** `GET /healthz` */
export function getHealth(app: App): void {
  app.get('/healthz', { schema }, () => ({ alive: true }) as const)
}

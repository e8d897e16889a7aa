import type { App } from '../Context.ts'

const schema = {
  summary: 'This description',
  response: { 200: { type: 'object', additionalProperties: true, description: 'OpenAPI 3.1.' } },
}

/** `GET /openapi.json` */
export function getOpenapi(app: App): void {
  app.get('/openapi.json', { schema }, () => app.swagger())
}

import type { Design } from './Design.ts'

/** No API at all: each voter sends a transaction of their own to a node. */
export const direct: Design = {
  name: 'direct',
  description: 'each voter sends a transaction of their own to a node; no API',
  path: 'direct',
  parts: [],
  witness: 'chain',
}

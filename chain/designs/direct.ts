import { DEFAULT_NETWORK, type Design } from './Design.ts'

/** No API at all: each voter sends a transaction of their own to a node. */
export const direct: Design = {
  name: 'direct',
  description: 'each voter sends a transaction of their own to a node; no API',
  trusted: 'nobody for the result; a node only not to withhold, and there are others',
  readerChecks: 'everything: signatures, eligibility, times, count',
  path: 'rpc',
  contracts: 'ballot-box',
  parts: [],
  record: 'chain',
  witness: 'chain',
  batchBallotsMax: 0,
  network: DEFAULT_NETWORK,
  overloadPerS: 150,
}

import { DEFAULT_NETWORK, type Design } from './Design.ts'

/** No chain at all: the central database that the city has today. */
export const legacy: Design = {
  name: 'legacy',
  description: 'the API writes into a database, and nothing else',
  trusted: 'whoever can write to the database',
  readerChecks: 'nothing: there is no chain',
  path: 'api',
  contracts: 'none',
  parts: ['database', 'api'],
  record: 'database',
  witness: 'database',
  batchBallotsMax: 0,
  network: DEFAULT_NETWORK,
  overloadPerS: 700,
}

import { DEFAULT_NETWORK, type Design } from './Design.ts'

/** The database is the record; the chain holds packed copies and a commitment to each batch. */
export const anchored: Design = {
  name: 'anchored',
  description: 'the database first; packed batches and their Merkle roots on the chain',
  trusted: 'the service, for who voted and how; a receipt proves that a ballot was mirrored',
  readerChecks: 'number and contents of what was mirrored, and each receipt’s inclusion',
  path: 'api',
  contracts: 'anchored',
  parts: ['database', 'api', 'relayer'],
  record: 'database',
  witness: 'mirror',
  // A ballot has 5 bytes, and 6 more where it is the only one of its poll.
  batchBallotsMax: 5_800,
  network: DEFAULT_NETWORK,
  overloadPerS: 700,
}

import type { Design } from './Design.ts'

/** The system of 2017: three authorities, one owner account, each vote a transaction with strings. */
export const activeCitizen2017: Design = {
  name: 'active-citizen-2017',
  description: 'the database first; one owner account mirrors vote by vote, as in 2017',
  trusted: 'the service, for every vote; the chain shows only what it chose to mirror',
  readerChecks: 'that the mirror was not changed later',
  path: 'api',
  contracts: 'active-citizen-2017',
  parts: ['database', 'api', 'relayer'],
  record: 'database',
  witness: 'mirror',
  // Each vote is a transaction.
  batchBallotsMax: 1,
  // The public chain specification of 2017.
  network: { validatorCount: 3, blockTimeMs: 1000, gasLimit: 6_000_000 },
  overloadPerS: 100,
}

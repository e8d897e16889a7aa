import { DEFAULT_NETWORK, type Design } from './Design.ts'

/** The chain is the record; the API only carries, and the contract checks each voter's signature. */
export const relayed: Design = {
  name: 'relayed',
  description: 'the voter signs (EIP-712), the API carries, the contract checks every signature',
  trusted: 'nobody for the result; the API only not to withhold ballots, which receipts prove',
  readerChecks: 'everything: signatures, eligibility, times, count',
  path: 'api',
  contracts: 'ballot-box',
  parts: ['database', 'api', 'relayer'],
  record: 'chain',
  witness: 'chain',
  // A signed ballot has 74 bytes.
  batchBallotsMax: 800,
  network: DEFAULT_NETWORK,
  overloadPerS: 500,
}

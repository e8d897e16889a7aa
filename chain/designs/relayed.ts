import type { Design } from './Design.ts'

/** The chain is the record; the API only carries, and the contract checks each voter's signature. */
export const relayed: Design = {
  name: 'relayed',
  description: 'the voter signs (EIP-712), the API carries, the contract checks every signature',
  path: 'relayed',
  parts: ['database', 'api', 'relayer'],
  witness: 'chain',
}

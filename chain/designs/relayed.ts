import type { Design } from './Design.ts'

/** The chain is the record; the API only carries, and the contract checks each voter's signature. */
export const relayed: Design = {
  name: 'relayed',
  description: 'the voter signs (EIP-712), the API carries, the contract checks every signature',
  path: 'relayed',
  parts: ['database', 'api', 'relayer'],
  witness: 'chain',
  limits: [
    'No ballot secrecy: whoever reads the chain sees who chose what.',
    'No freedom from receipts: a voter can prove the choice to a buyer.',
    'Interim results are visible while the poll is open.',
  ],
}

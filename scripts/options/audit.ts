import { inGroup } from './Option.ts'
import { address, file, folder, hex, httpUrl, integer, listOf, path } from './values.ts'

/** What `verify` reads, and what it holds it against. */
export const audit = inGroup('Audit', {
  rpcUrls: listOf(
    { flag: '--rpc', help: 'nodes: the first is read, all are compared', isRequired: true },
    httpUrl({}),
  ),
  contract: address({
    flag: '--contract',
    help: 'BallotBox, BallotAnchor or Root',
    isRequired: true,
  }),
  registerFile: file({
    flag: '--register',
    help: 'who may vote, 20 bytes an address',
    usual: 'from the chain',
  }),
  receiptsFolder: folder({
    flag: '--receipts',
    help: 'receipts that voters kept, as JSON files',
  }),
  receiptSigner: address({ flag: '--receipt-signer', help: 'who must have signed them' }),
  genesisHash: hex(
    { flag: '--genesis', help: 'what the genesis block must hash to' },
    { placeholder: 'hash', digits: 64 },
  ),
  fromBlock: integer({
    flag: '--from-block',
    help: 'no poll and no ballot lies in an earlier block',
    placeholder: 'number',
    bounds: { min: 1, max: 0xff_ff_ff_ff },
    default: '1',
  }),
  resumeFile: path({
    flag: '--resume',
    help: 'go on where an earlier audit with this file stopped',
  }),
})

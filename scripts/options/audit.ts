import { address, file, folder, hash, httpUrl, integer, listOf, path } from './formats.ts'
import { inGroup, option } from './Option.ts'

/** What `verify` reads, and what it holds it against. */
export const audit = inGroup('Audit', {
  rpcUrls: option(
    listOf(httpUrl),
    '--rpc',
    'nodes, of which the first is read and all are compared',
    {
      isRequired: true,
    },
  ),
  runFolder: option(folder, '--run', 'a run, whose record names what is left out below'),
  contract: option(address, '--contract', 'BallotBox, BallotAnchor or Root', {
    usual: "the run's",
  }),
  registerFile: option(file, '--register', 'who may vote, 20 bytes an address', {
    usual: 'from the chain',
  }),
  receiptsFolder: option(folder, '--receipts', 'receipts that voters kept, as JSON files'),
  receiptSigner: option(address, '--receipt-signer', 'who must have signed them'),
  genesisHash: option(hash, '--genesis', 'what the genesis block must hash to'),
  fromBlock: option(integer, '--from-block', 'no poll and no ballot lies in an earlier block', {
    placeholder: 'number',
    bounds: { min: 1, max: 0xff_ff_ff_ff },
    usual: "the run's, or 1",
  }),
  resumeFile: option(path, '--resume', 'go on where an earlier audit with this file stopped'),
})

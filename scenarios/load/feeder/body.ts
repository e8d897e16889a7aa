import * as Address from '../../ballots/Address.ts'
import * as Spool from '../../ballots/Spool.ts'
import type { Path } from '../../ballots/Path.ts'

/**
 * The body of the request that casts the ballot in the record at `offset`, ready to be posted: JSON
 * for the voting API, or a JSON-RPC call whose id is the ballot's number.
 */
export function body(path: Path, records: Buffer, offset: number, ballot: number): Buffer {
  return Buffer.from(path === 'api' ? toApi(records, offset) : toRpc(records, offset, ballot))
}

function toApi(records: Buffer, offset: number): string {
  const { ballot, voter } = Spool.decodeSigned(records, offset)
  return JSON.stringify({
    voter: Address.toHex(voter),
    voterIndex: ballot.voterIndex,
    choice: ballot.choice,
    signature: `0x${Buffer.from(ballot.signature).toString('hex')}`,
  })
}

function toRpc(records: Buffer, offset: number, ballot: number): string {
  const transaction = `0x${Spool.decodeTransaction(records, offset).toString('hex')}`
  return JSON.stringify({
    jsonrpc: '2.0',
    id: ballot,
    method: 'eth_sendRawTransaction',
    params: [transaction],
  })
}

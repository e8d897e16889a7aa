import { Compile } from 'typebox/compile'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import * as Transaction from '../ethereum/Transaction.ts'
import type { Rpc } from '../rpc/Rpc.ts'
import { decodeCall } from './ballotBox.ts'
import type { Kind } from './Target.ts'

/** A ballot that a transaction should hold, and whose it is. */
export type Wanted = {
  pollId: number
  voterIndex: number
  choice: number
  /** The voter's address, 20 bytes. */
  voter: Uint8Array
}

/**
 * What shows that the voter has signed the ballot that a transaction holds: the signature over it as
 * hex, or the raw transaction where that is the voter's own; `undefined` where nothing does.
 */
export type SignedIn = (transactionHash: string, wanted: Wanted) => Promise<string | undefined>

export type Options = {
  /** Any one will do: a transaction's name says what is in it. */
  nodes: readonly Rpc[]
  kind: Kind
  domain: Ballot.Domain
  polls: readonly { pollId: number; pollDigest: string }[]
}

const transaction = Compile(Transaction.Schema)

/** Looks into transactions by their names; only a BallotBox takes what voters have signed. */
export function create({ nodes, kind, domain, polls }: Options): SignedIn {
  if (kind !== 'ballot-box') return async () => undefined
  const separator = Ballot.domainSeparator(domain)
  let last: { hash: string; found: Transaction.Transaction | undefined } | undefined
  return async (hash, wanted) => {
    // Ballots of one batch are asked for one after the other.
    if (last?.hash !== hash) last = { hash, found: await find(nodes, hash) }
    const poll = polls.find(({ pollId }) => pollId === wanted.pollId)
    if (last.found === undefined || poll === undefined) return undefined
    const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
    return evidenceIn(last.found, wanted, { separator, pollDigest })
  }
}

function evidenceIn(
  found: Transaction.Transaction,
  { pollId, voterIndex, choice, voter }: Wanted,
  { separator, pollDigest }: { separator: Uint8Array; pollDigest: Buffer },
): string | undefined {
  const call = decodeCall(found.input)
  if (call?.method === 'cast') {
    const isIt = call.pollId === pollId && call.voterIndex === voterIndex && call.choice === choice
    const isOwn = isIt && call.pollDigest.equals(pollDigest)
    const raw = `0x${Transaction.encode(found).toString('hex')}`
    return isOwn && Transaction.sender(found)?.equals(voter) === true ? raw : undefined
  }
  const digest = Ballot.digest(separator, { pollId, pollDigest, choice })
  const ballot = call?.ballots.find(
    (one) =>
      one.pollId === pollId &&
      one.voterIndex === voterIndex &&
      one.choice === choice &&
      Signature.recover(digest, one.signature)?.equals(voter) === true,
  )
  return ballot && `0x${Buffer.from(ballot.signature).toString('hex')}`
}

/** A transaction by its name, from the first node that shows one which bears it. */
async function find(
  nodes: readonly Rpc[],
  hash: string,
): Promise<Transaction.Transaction | undefined> {
  for (const node of nodes) {
    const call = { method: 'eth_getTransactionByHash', params: [hash] }
    const [answer] = await node.ask([call]).catch(() => [])
    const isIt =
      transaction.Check(answer) &&
      Transaction.isKnown(answer) &&
      Transaction.hash(Transaction.encode(answer)) === hash
    if (isIt) return answer
  }
  return undefined
}

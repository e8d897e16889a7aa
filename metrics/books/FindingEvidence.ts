import { join } from 'node:path'

import { Transaction } from 'ethers'

import * as Address from '../../scenarios/ballots/Address.ts'
import type { Domain } from '../../scenarios/ballots/Ballot.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import type { Finding, FindingKind, Link, Run } from '../Run.ts'
import type { PollOnChain } from './Acknowledgement.ts'
import * as Answers from './Answers.ts'
import * as Ledger from './Ledger.ts'
import * as Stored from './Stored.ts'

/** Adds to a finding what a third party needs to check it, and where the ballot's way broke. */
export type FindingEvidence = {
  complete(finding: Finding): Finding
  /** Address (20 bytes) of a planned ballot's voter. */
  voterOf(ballot: number): Uint8Array
  close(): void
}

export type Options = {
  ledger: Ledger.Ledger
  planFolder: string
  /** All files of attempts, in the order in which they were entered. */
  attemptsFiles: readonly string[]
  domain: Domain
  polls: readonly PollOnChain[]
  /** What the database holds; `undefined` where there is none to ask. */
  stored: Stored.Stored | undefined
  /** Whose word `final` is. */
  witness: Run['witness']
}

/** Findings about the way of a ballot; the others are about nodes, receipts or sums. */
const ON_THE_WAY: readonly FindingKind[] = ['lost', 'altered', 'duplicated', 'unexpected']

export function open(options: Options): FindingEvidence {
  const spool = Spool.open(join(options.planFolder, Plan.FILES.spool))
  const answers = Answers.open(options.attemptsFiles)
  return {
    complete(finding) {
      const { ballot, pollId, voterIndex, kind } = finding
      if (ballot !== undefined) {
        const link = ON_THE_WAY.includes(kind) ? linkOf(options, ballot) : undefined
        const evidence = {
          ...finding.evidence,
          ...signed(options, spool, ballot),
          // The answer with the false receipt is in the finding itself.
          ...(kind === 'invalidReceipt' ? {} : answered(options, answers, ballot)),
          ...storedOf(options, ballot),
        }
        return { ...finding, ...(link === undefined ? {} : { brokenBetween: link }), evidence }
      }
      const isUnplanned = kind === 'unexpected' && pollId !== undefined && voterIndex !== undefined
      return isUnplanned ? completeUnplanned(options, finding, pollId, voterIndex) : finding
    },
    voterOf(ballot) {
      const record = spool.read(ballot, 1)
      if (spool.header.path === 'api') return Spool.decodeSigned(record, 0).voter
      const raw = `0x${Spool.decodeTransaction(record, 0).toString('hex')}`
      return Buffer.from((Transaction.from(raw).from ?? '0x').slice(2), 'hex')
    },
    close() {
      spool.close()
      answers.close()
    },
  }
}

/** The ballot as the voter signed it, with all that its signature is checked against. */
function signed(
  { domain, polls }: Options,
  spool: Spool.Spool,
  ballot: number,
): Finding['evidence'] {
  const record = spool.read(ballot, 1)
  if (spool.header.path === 'rpc') {
    const { choice } = Spool.decodeIntent(record, 0)
    const transaction = Spool.decodeTransaction(record, 0).toString('hex')
    return { signedChoice: choice, signedTransaction: `0x${transaction}` }
  }
  const { ballot: cast, voter } = Spool.decodeSigned(record, 0)
  const poll = polls.find(({ pollId }) => pollId === cast.pollId)
  return {
    voter: Address.toHex(voter),
    signedChoice: cast.choice,
    signature: `0x${Buffer.from(cast.signature).toString('hex')}`,
    ...(poll === undefined ? {} : { pollDigest: poll.pollDigest }),
    ...domain,
  }
}

/** What the voter was told: the first valid acknowledgement, else the last answer. */
function answered(
  { ledger }: Options,
  answers: Answers.Answers,
  ballot: number,
): Finding['evidence'] {
  const attempt = answers.find(ballot, ledger.answerAt[ballot] ?? Answers.NOWHERE)
  if (attempt === undefined) return {}
  return { answeredAtMs: attempt.doneAtMs, status: attempt.status, answer: attempt.body }
}

function storedOf({ ledger, stored }: Options, ballot: number): Finding['evidence'] {
  if (stored === undefined) return {}
  const choice = stored.choices[ballot] ?? Stored.NONE
  if (choice === Stored.NONE) return { database: 'does not hold it' }
  const twice = Ledger.has(ledger, ballot, Ledger.STATE.STORED_TWICE) ? ' more than once' : ''
  const isTrue = choice === ledger.choice[ballot]
  return { database: `holds ${isTrue ? 'it' : `choice ${choice}`}${twice}` }
}

/**
 * The first link on which two neighbours tell different things: where the voter's word and the
 * database agree, it broke behind the database.
 */
function linkOf({ ledger, stored, witness }: Options, ballot: number): Link | undefined {
  if (witness === 'database') return 'voter and database'
  if (stored === undefined) return undefined
  const outcome = Ledger.outcome(ledger, ballot)
  const choice = stored.choices[ballot] ?? Stored.NONE
  const isTwice = Ledger.has(ledger, ballot, Ledger.STATE.STORED_TWICE)
  const holdsIt = choice === ledger.choice[ballot] && !isTwice
  // Acknowledged it must be there, refused it must not; without a definite answer it may.
  const mayBeMissing = outcome !== Ledger.OUTCOME.acknowledged
  const mayBeThere = outcome >= Ledger.OUTCOME.indeterminate
  const agrees = choice === Stored.NONE ? mayBeMissing : holdsIt && mayBeThere
  return agrees ? 'database and chain' : 'voter and database'
}

/** A ballot that nobody planned, and so nobody signed. */
function completeUnplanned(
  { stored, witness }: Options,
  finding: Finding,
  pollId: number,
  voterIndex: number,
): Finding {
  if (witness === 'database') return { ...finding, brokenBetween: 'voter and database' }
  const choice = stored?.unplanned.get(Stored.keyOf(pollId, voterIndex))
  if (stored === undefined || (choice === undefined && !stored.hasAllUnplanned)) return finding
  const isStored = choice !== undefined
  const database = isStored ? `holds choice ${choice}` : 'does not hold it'
  return {
    ...finding,
    brokenBetween: isStored ? 'voter and database' : 'database and chain',
    evidence: { ...finding.evidence, database },
  }
}

import { join } from 'node:path'

import type { PollOnChain } from '../../chain/contracts/deploy.ts'
import * as Books from '../../metrics/books/reconcile.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as HistoryFile from '../../scenarios/load/HistoryFile.ts'
import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Instants from '../../scenarios/schedule/Instants.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'

/** The voters of a plan in `folder/plan`: what they cast, and what they were told. */
export type PlannedVoters = {
  folder: string
  plan: Plan.Plan
  poll: PollOnChain
  ballotBox: string
  startAtMs: number
  receiptKey: Buffer
  /** What ballot *k* says. */
  intent(ballot: number): Spool.Intent
  /** The voter's request to the API; `relayed` only. */
  request(ballot: number): { voter: string; voterIndex: number; choice: number; signature: string }
  /** The record of ballot *k* in the spool. */
  record(ballot: number): Buffer
  /** The honest answer to ballot *k*. */
  answer(ballot: number, key?: Uint8Array): { status: number; body: string }
  /** Writes a history in which everybody got these answers; `undefined` was never sent. */
  writeHistory(answers?: (ballot: number) => HistoryAnswer | undefined): HistoryFiles
  reconcile(observationsFile: string, options?: Partial<Books.Options>): Promise<Books.Books>
}

export type HistoryAnswer = { status: number; body: string }
export type HistoryFiles = { attempts: string; handedOver: string }

export type Options = {
  folder: string
  poll: PollOnChain
  domain: Ballot.Domain
  seed: string
  startAtMs: number
}

export function open({ folder, poll, domain, seed, startAtMs }: Options): PlannedVoters {
  const plan = Plan.read(join(folder, 'plan'))
  const receiptKey = Electorate.rolePrivateKey(seed, 'receipt')
  const spool = Spool.open(join(folder, 'plan', Plan.FILES.spool))
  const records = spool.read(0, plan.ballotCount)
  const size = spool.header.recordSizeBytes
  const { path } = spool.header
  spool.close()
  const separator = Ballot.domainSeparator(domain)
  const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
  const answer: PlannedVoters['answer'] = (ballot, key = receiptKey) => {
    if (path === 'rpc') {
      const result = keccak256(Spool.decodeTransaction(records, ballot * size)).toString('hex')
      const body = JSON.stringify({ jsonrpc: '2.0', id: ballot, result: `0x${result}` })
      return { status: 200, body }
    }
    const { ballot: signed, voter } = Spool.decodeSigned(records, ballot * size)
    const { pollId, choice } = signed
    const digest = Ballot.digest(separator, { pollId, pollDigest, choice })
    const fields = {
      ballotHash: `0x${Ballot.hash(digest, voter).toString('hex')}`,
      pollId,
      acceptedAtMs: startAtMs + 10,
      sealsAt: poll.sealsAt,
    }
    return { status: 202, body: JSON.stringify({ receipt: Receipt.sign(fields, key) }) }
  }
  const writeHistory: PlannedVoters['writeHistory'] = (answers = (ballot) => answer(ballot)) => {
    const instants = Instants.open(join(folder, 'plan', Plan.FILES.instants))
    const intended = Array.from(instants.read(0, plan.ballotCount), (ms) => startAtMs + ms)
    instants.close()
    const files = historyFiles(folder)
    const told = intended.map((_, ballot) => answers(ballot))
    const handed = told.flatMap((one, first) =>
      one === undefined ? [] : [HistoryLine.formatHandOver({ first, count: 1, atMs: startAtMs })],
    )
    const attempts = told.flatMap((one, ballot) => {
      const intendedAtMs = intended[ballot] ?? 0
      const [sentAtMs, doneAtMs] = [intendedAtMs + 2, intendedAtMs + 30]
      const line = { ballot, attempt: 1, intendedAtMs, sentAtMs, doneAtMs }
      return one === undefined ? [] : [HistoryLine.formatAttempt({ ...line, ...one })]
    })
    for (const [file, lines] of [
      [files.handedOver, handed],
      [files.attempts, attempts],
    ] as const) {
      const history = HistoryFile.open(file)
      for (const line of lines) history.write(line)
      history.close()
    }
    return files
  }

  return {
    folder,
    plan,
    poll,
    ballotBox: domain.verifyingContract,
    startAtMs,
    receiptKey,
    answer,
    writeHistory,
    record: (ballot) => records.subarray(ballot * size, (ballot + 1) * size),
    intent: (ballot) => Spool.decodeIntent(records, ballot * size),
    request(ballot) {
      const { ballot: signed, voter } = Spool.decodeSigned(records, ballot * size)
      const { voterIndex, choice } = signed
      const signature = `0x${Buffer.from(signed.signature).toString('hex')}`
      return { voter: Address.toHex(voter), voterIndex, choice, signature }
    },
    reconcile: (observationsFile, options = {}) =>
      Books.reconcile({
        planFolder: join(folder, 'plan'),
        historyFiles: historyFiles(folder),
        observationsFile,
        findingsFile: join(folder, 'findings.jsonl'),
        domain,
        polls: [poll],
        receiptSigner: Address.toHex(Address.fromPrivateKey(receiptKey)),
        startAtMs,
        deadlineMs: Date.now(),
        ...options,
      }),
  }
}

function historyFiles(folder: string): HistoryFiles {
  return {
    attempts: join(folder, 'attempts.log'),
    handedOver: join(folder, 'handed-over.log'),
  }
}

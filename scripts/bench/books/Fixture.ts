import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { Client } from 'pg'

import type * as Books from '../../../metrics/books/reconcile.ts'
import * as ObservationFile from '../../../metrics/witness/ObservationFile.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Instants from '../../../scenarios/schedule/Instants.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'
import { DOMAIN } from '../Fixture.ts'

/**
 * The files of a run without a run: each ballot acknowledged 20 ms after its instant, in a block
 * within a second, in the database, and one in {@link LOST_EVERY} on no block. All voters have one
 * address, so that few receipts have to be signed; the books check each of them all the same.
 */

export const LOST_EVERY = 100_000

const RATE_PER_S = 1000
const BATCH_BALLOTS = 400
const START_AT_MS = 1_800_000_000_000
const OPTIONS = ['one', 'two', 'three']
const POLL_DIGEST = Buffer.alloc(32, 7)
const RECEIPT_KEY = Buffer.alloc(32, 3)
const VOTER = Buffer.alloc(20, 9)

/** Ballots that are written at a time. */
const CHUNK = 10_000

/** Writes the files. @returns what the books are told, the database left out. */
export function write(folder: string, count: number): Books.Options {
  mkdirSync(folder)
  const stormMs = (count / RATE_PER_S) * 1000
  const sealsAt = Math.ceil((START_AT_MS + stormMs) / 1000) + 10
  writePlan(folder, count, stormMs)
  const file = (name: string): string => join(folder, name)
  const historyFiles = { attempts: file('attempts.log'), handedOver: file('handed-over.log') }
  writeLines(historyFiles.handedOver, count / 100, (slice) =>
    HistoryLine.formatHandOver({ first: slice * 100, count: 100, atMs: START_AT_MS }),
  )
  const receipts = OPTIONS.map((_, choice) => receiptOf(choice, sealsAt))
  writeLines(historyFiles.attempts, count, (ballot) => {
    const intendedAtMs = instantOf(ballot)
    const times = { intendedAtMs, sentAtMs: intendedAtMs + 1, doneAtMs: intendedAtMs + 20 }
    const body = receipts[choiceOf(ballot)] ?? ''
    return HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status: 202, body })
  })
  appendFileSync(historyFiles.handedOver, `${HistoryLine.formatEnd(Math.ceil(count / 100))}\n`)
  appendFileSync(historyFiles.attempts, `${HistoryLine.formatEnd(count)}\n`)
  const observationsFile = file('observations.jsonl')
  const blockCount = Math.ceil(count / RATE_PER_S)
  const sealing = { number: blockCount + 1, hash: hashOf(blockCount), atMs: sealsAt * 1000 + 2000 }
  const observations = ObservationFile.open(observationsFile, 1)
  for (let height = 0; height <= blockCount; height += 1) {
    const isLast = height === blockCount
    observations.record(blockOf(height, isLast ? sealsAt + 1 : undefined, count))
  }
  observations.record({ kind: 'final', ...sealing })
  observations.close()
  return {
    planFolder: folder,
    historyFiles,
    observationsFile,
    findingsFile: file('findings.jsonl'),
    domain: DOMAIN,
    polls: [{ pollId: 1, pollDigest: `0x${POLL_DIGEST.toString('hex')}`, sealsAt }],
    receiptSigner: Address.toHex(Address.fromPrivateKey(RECEIPT_KEY)),
    startAtMs: START_AT_MS,
    deadlineMs: sealsAt * 1000 + 5000,
  }
}

/** Makes the table that the books read, and puts all ballots into it. */
export async function fill(postgresUrl: string, count: number): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    await client.query('drop table if exists ballots')
    await client.query(
      `create unlogged table ballots as select 1::bigint as poll_id, ballot as voter_index,
         (ballot % ${OPTIONS.length})::smallint as choice
       from generate_series(0::bigint, ${count - 1}) ballot`,
    )
  } finally {
    await client.end()
  }
}

function writePlan(folder: string, count: number, stormMs: number): void {
  const writer = Spool.create(join(folder, Plan.FILES.spool), {
    path: 'api',
    seed: 'bench',
    ...DOMAIN,
    codeHash: `0x${'11'.repeat(32)}`,
    ballotType: Ballot.TYPE,
    pollsDigest: `0x${'22'.repeat(32)}`,
    orderDigest: '33'.repeat(32),
    segment: { index: 1, of: 1 },
  })
  const signature = Buffer.alloc(65, 1)
  for (let first = 0; first < count; first += CHUNK) {
    const records = Array.from({ length: Math.min(CHUNK, count - first) }, (_, index) => {
      const ballot = first + index
      const cast = { pollId: 1, voterIndex: ballot, choice: choiceOf(ballot), signature }
      return Spool.encodeSigned(cast, VOTER)
    })
    writer.append(Buffer.concat(records))
  }
  const { sha256 } = writer.finish()
  const instants = Array.from({ length: count }, (_, ballot) => instantOf(ballot) - START_AT_MS)
  const written = Instants.write(join(folder, Plan.FILES.instants), instants)
  const plan: Plan.Plan = {
    schema: Plan.SCHEMA,
    seed: 'bench',
    scenario: 'bench',
    design: 'relayed',
    path: 'api',
    electorate: { size: count },
    polls: [
      { pollId: 1, question: 'Which?', options: OPTIONS, closesAfterMs: 0, sealsAfterCloseMs: 0 },
    ],
    order: {
      kind: 'uniform',
      seed: 'bench',
      voterCount: count,
      polls: [{ pollId: 1, optionCount: OPTIONS.length }],
    },
    segment: Segment.WHOLE,
    arrivals: { kind: 'stages', stages: [{ ratePerS: RATE_PER_S, durationMs: stormMs }] },
    stormMs,
    ballotCount: count,
    voter: { attemptsMax: 1, timeoutMs: 1000, backoffMs: 0 },
    spoolSha256: sha256,
    instantsSha256: written.sha256,
  }
  writeFileSync(join(folder, Plan.FILES.plan), JSON.stringify(plan))
}

function choiceOf(ballot: number): number {
  return ballot % OPTIONS.length
}

function instantOf(ballot: number): number {
  return START_AT_MS + (ballot * 1000) / RATE_PER_S
}

function receiptOf(choice: number, sealsAt: number): string {
  const separator = Ballot.domainSeparator(DOMAIN)
  const digest = Ballot.digest(separator, { pollId: 1, pollDigest: POLL_DIGEST, choice })
  const ballotHash = `0x${Ballot.hash(digest, VOTER).toString('hex')}`
  const fields = { ballotHash, pollId: 1, acceptedAtMs: START_AT_MS, sealsAt }
  return JSON.stringify({ receipt: Receipt.sign(fields, RECEIPT_KEY) })
}

/** The ballots of a second; all blocks are final with the last one. */
function blockOf(height: number, sealedAt: number | undefined, count: number): Observation {
  const seenAtMs = START_AT_MS + (height + 1) * 1000 + 500
  const first = height * RATE_PER_S
  const ballots = Math.max(0, Math.min(RATE_PER_S, count - first))
  const casts = Array.from({ length: ballots }, (_, index) => first + index)
    .filter((ballot) => ballot % LOST_EVERY !== LOST_EVERY / 2)
    .map((ballot): [number, number, number, number] => [
      ...([1, ballot] as const),
      ...([choiceOf(ballot), Math.floor((ballot - first) / BATCH_BALLOTS)] as const),
    ])
  const batches = Math.ceil(ballots / BATCH_BALLOTS)
  return {
    kind: 'block',
    number: height + 1,
    hash: hashOf(height),
    parentHash: hashOf(height - 1),
    timestamp: sealedAt ?? Math.floor(seenAtMs / 1000),
    seenAtMs,
    gasUsed: 8000 * casts.length,
    gasLimit: 60_000_000,
    sizeBytes: 600 + 74 * casts.length,
    transactionCount: batches,
    transactions: Array.from({ length: batches }, (_, batch) => hashOf(height * 1000 + batch)),
    casts,
    skips: [],
    contradictions: [],
  }
}

function hashOf(height: number): string {
  return `0x${keccak256(Buffer.from(String(height))).toString('hex')}`
}

function writeLines(file: string, count: number, lineOf: (index: number) => string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (let first = 0; first < count; first += CHUNK) {
      const lines = Array.from({ length: Math.min(CHUNK, count - first) }, (_, index) =>
        lineOf(first + index),
      )
      writeSync(descriptor, `${lines.join('\n')}\n`)
    }
  } finally {
    closeSync(descriptor)
  }
}

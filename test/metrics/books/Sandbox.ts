import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { CanonicalBlock } from '../../../metrics/books/CanonicalChain.ts'
import * as Books from '../../../metrics/books/reconcile.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Instants from '../../../scenarios/schedule/Instants.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'

/** Files of a run without a run: for tests that need histories no real system would write. */
export type Sandbox = {
  folder: string
  options: Books.Options
  /** Body of a valid receipt for a ballot. */
  receipt(ballot: number, changes?: Partial<Receipt.Receipt>, key?: Uint8Array): string
  history(attempts: readonly string[], handedOver: readonly string[], resends?: string[]): void
  observations(lines: readonly Observation[], tail?: string): void
  reconcile(changes?: Partial<Books.Options>): Promise<Books.Books>
  dispose(): void
}

export const START_AT_MS = 1_800_000_000_000
export const SEALS_AT = START_AT_MS / 1000 + 100
const DEADLINE_MS = START_AT_MS + 110_000
export const POLL_DIGEST = Buffer.alloc(32, 7)
const OPTIONS = 3

export const RECEIPT_KEY = Buffer.alloc(32, 3)
export const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }

/** Of so many ballots the voters have keys; many more would take long to sign, and nobody looks. */
const SIGNED_COUNT = 300

/** Ballot *k* of this plan is voter 10 + *k* × 3 in poll 1, choice *k* mod 3, at *k* × 10 ms. */
export function create(ballotCount: number, stormMs = 10_000): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-books-'))
  const planFolder = join(folder, 'plan')
  mkdirSync(planFolder)
  const writer = Spool.create(join(planFolder, Plan.FILES.spool), {
    path: 'api',
    seed: 'sandbox',
    chainId: DOMAIN.chainId,
    verifyingContract: DOMAIN.verifyingContract,
    codeHash: `0x${'11'.repeat(32)}`,
    ballotType: Ballot.TYPE,
    pollsDigest: `0x${'22'.repeat(32)}`,
    orderDigest: '33'.repeat(32),
    segment: { index: 1, of: 1 },
  })
  const separator = Ballot.domainSeparator(DOMAIN)
  const digestOf = (choice: number): Buffer =>
    Ballot.digest(separator, { pollId: 1, pollDigest: POLL_DIGEST, choice })
  const digests = Array.from({ length: OPTIONS }, (_, choice) => digestOf(choice))
  const signed = (ballot: number): Buffer => {
    const digest = digests[ballot % OPTIONS]
    if (digest === undefined) throw new Error('no such option')
    const signature =
      ballot < SIGNED_COUNT ? Signature.sign(digest, keyOf(ballot)) : Buffer.alloc(65)
    return Spool.encodeSigned({ ...intent(ballot), signature }, addressOf(ballot))
  }
  const chunk = 1000
  for (let first = 0; first < ballotCount; first += chunk) {
    const records = Array.from({ length: Math.min(chunk, ballotCount - first) }, (_, index) =>
      signed(first + index),
    )
    writer.append(Buffer.concat(records))
  }
  const { sha256 } = writer.finish()
  const instants = (function* () {
    for (let ballot = 0; ballot < ballotCount; ballot += 1) yield ballot * 10
  })()
  const written = Instants.write(join(planFolder, Plan.FILES.instants), instants)
  const plan: Plan.Plan = {
    schema: Plan.SCHEMA,
    seed: 'sandbox',
    scenario: 'sandbox',
    design: 'relayed',
    path: 'api',
    electorate: { size: Math.max(1, ballotCount * 3 + 10) },
    polls: [
      {
        pollId: 1,
        question: 'Which?',
        options: ['a', 'b', 'c'],
        closesAfterMs: 90_000,
        sealsAfterCloseMs: 10_000,
      },
    ],
    order: {
      kind: 'uniform',
      seed: 'sandbox',
      voterCount: Math.max(1, ballotCount * 3 + 10),
      polls: [{ pollId: 1, optionCount: 3 }],
    },
    segment: Segment.WHOLE,
    arrivals: { kind: 'stages', stages: [{ ratePerS: 100, durationMs: stormMs }] },
    stormMs,
    ballotCount,
    voter: { attemptsMax: 3, timeoutMs: 5000, backoffMs: 100 },
    spoolSha256: sha256,
    instantsSha256: written.sha256,
  }
  writeFileSync(join(planFolder, Plan.FILES.plan), JSON.stringify(plan))

  const file = (name: string): string => join(folder, name)
  const options: Books.Options = {
    planFolder,
    historyFiles: {
      attempts: file('attempts.log'),
      handedOver: file('handed-over.log'),
      resends: file('resends.log'),
    },
    observationsFile: file('observations.jsonl'),
    findingsFile: file('findings.jsonl'),
    domain: DOMAIN,
    polls: [{ pollId: 1, pollDigest: `0x${POLL_DIGEST.toString('hex')}`, sealsAt: SEALS_AT }],
    receiptSigner: Address.toHex(Address.fromPrivateKey(RECEIPT_KEY)),
    startAtMs: START_AT_MS,
    deadlineMs: DEADLINE_MS,
  }
  return {
    folder,
    options,
    receipt(ballot, changes = {}, key = RECEIPT_KEY) {
      const { pollId, choice } = intent(ballot)
      const digest = digestOf(choice)
      const ballotHash = `0x${Ballot.hash(digest, addressOf(ballot)).toString('hex')}`
      const fields = { ballotHash, pollId, acceptedAtMs: START_AT_MS, sealsAt: SEALS_AT }
      return JSON.stringify({ receipt: Receipt.sign({ ...fields, ...changes }, key) })
    },
    history(attempts, handedOver, resends = []) {
      writeFileSync(file('attempts.log'), ended(attempts))
      writeFileSync(file('handed-over.log'), ended(handedOver))
      writeFileSync(file('resends.log'), ended(resends))
    },
    observations(lines, tail = '') {
      writeFileSync(file('observations.jsonl'), marked(lines) + tail)
    },
    reconcile: (changes = {}) => Books.reconcile({ ...options, ...changes }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function intent(ballot: number): Spool.Intent {
  return { pollId: 1, voterIndex: voterOf(ballot), choice: ballot % OPTIONS }
}

/** As its writer leaves it. */
export function ended(lines: readonly string[]): string {
  return whole([...lines, HistoryLine.formatEnd(lines.length)])
}

/** As a witness writes it that looks every second until long after the deadline. */
export function marked(lines: readonly Observation[]): string {
  const looks = Array.from({ length: 120 }, (_, second): Observation => {
    return { kind: 'look', atMs: START_AT_MS + second * 1000 }
  })
  const text = whole(
    [{ kind: 'begin', fromBlock: 1 }, ...lines, ...looks].map((line) => JSON.stringify(line)),
  )
  const sha256 = createHash('sha256').update(text).digest('hex')
  const count = 1 + lines.length + looks.length
  return text + whole([JSON.stringify({ kind: 'end', count, sha256 })])
}

function whole(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

export function voterOf(ballot: number): number {
  return 10 + ballot * 3
}

/** The block at a height of one branch; its parent is the block below on `parentBranch`. */
export function block(
  number: number,
  casts: [pollId: number, voterIndex: number, choice: number, transaction: number][],
  at: { branch?: string; parentBranch?: string; seenAtMs?: number; timestamp?: number } = {},
): Observation & { kind: 'block' } {
  const { branch = 'a', parentBranch = branch } = at
  const seenAtMs = at.seenAtMs ?? START_AT_MS + 100_000 + number
  return {
    kind: 'block',
    number,
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1, parentBranch),
    timestamp: at.timestamp ?? Math.floor(START_AT_MS / 1000) + number,
    seenAtMs,
    gasUsed: 21_000 + casts.length * 10_000,
    gasLimit: 60_000_000,
    sizeBytes: 600,
    transactionCount: 1,
    transactions: ['first', 'second'].map((name) => `0x${name}-${number}-${branch}`),
    casts,
    skips: [],
    contradictions: [],
  }
}

/** A block as the books keep it, with nothing in it. */
export function canonical(number: number, timestamp: number, finalAtMs: number): CanonicalBlock {
  return {
    number,
    hash: `0x${number}`,
    parentHash: '',
    timestamp,
    seenAtMs: 1,
    finalAtMs,
    gasUsed: 1,
    blockBytes: 1,
    castCount: 0,
    offsetBytes: 0,
    sizeBytes: 0,
  }
}

export function final(number: number, branch = 'a', atMs = START_AT_MS + 101_000): Observation {
  return { kind: 'final', number, hash: hashOf(number, branch), atMs }
}

/** The empty block that proves the sealing, and its finality. */
export function sealing(number: number, branch = 'a', parentBranch = branch): Observation[] {
  return [
    block(number, [], { branch, parentBranch, timestamp: SEALS_AT + 1 }),
    final(number, branch),
  ]
}

function hashOf(number: number, branch: string): string {
  return `0x${createHash('sha256').update(`${number}/${branch}`).digest('hex')}`
}

export function addressOf(ballot: number): Buffer {
  const key = keyOf(ballot)
  return ballot < SIGNED_COUNT ? Address.fromPrivateKey(key) : key.subarray(12)
}

function keyOf(ballot: number): Buffer {
  const key = Buffer.alloc(32, 1)
  key.writeUInt32BE(ballot, 28)
  return key
}

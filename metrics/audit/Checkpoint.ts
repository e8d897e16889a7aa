import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Ballots from './Ballots.ts'
import type { Chain } from './Chain.ts'
import type { Finding } from './Finding.ts'
import type { Poll } from '../contracts/Decoder.ts'
import type { Counts } from './Polls.ts'
import type { Checks, Ledger } from './walk.ts'

/** What an audit is about: a file belongs to one. */
export type Identity = {
  format: 'ballotstorm/audit'
  version: 1
  contract: string
  chainId: number
  genesisHash: string
  fromBlock: number
  /** Commitment of the register file, empty without one. */
  register: string
}

/** How far an audit came since the line before: a line of the file, after the first. */
export type Step = {
  chain: Chain
  polls: { poll: Poll; block: number }[]
  /** Counts so far, by poll. */
  counts: [number, Counts][]
  roots: [string, { block: number; transaction: string }][]
  pushes: [string, { address: string; block: number }][]
  checks: Checks
  findingCount: number
  findings: Finding[]
  /** Base64 of the new ballots' records. */
  ballots: string
}

/** A line is written after so many blocks or ballots: some seconds of work. */
const BLOCKS_PER_STEP = 500
const BALLOTS_PER_STEP = 50_000

export type Writer = {
  /** Writes a line where enough has come together, or with `isLast` in any case. */
  note(ledger: Ledger, isLast: boolean): void
}

/**
 * The steps in a file; none where it is not there. A torn last line, of an audit that was killed, is
 * cut off.
 *
 * @throws {MismatchError} where the file belongs to another audit, or is no such file.
 */
export function read(file: string, identity: Identity): Step[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const whole = text.lastIndexOf('\n') + 1
  truncateSync(file, Buffer.byteLength(text.slice(0, whole)))
  const [first, ...lines] = text.slice(0, whole).split('\n').slice(0, -1)
  if (first === undefined) return []
  if (first !== JSON.stringify(identity)) throw new MismatchError(file)
  return lines.map((line): Step => JSON.parse(line))
}

/** Goes on with a file after the ledger's state, or begins one. */
export function create(file: string, identity: Identity, ledger: Ledger): Writer {
  if (!existsSync(file) || readFileSync(file).length === 0) {
    appendFileSync(file, `${JSON.stringify(identity)}\n`)
  }
  let written = marksOf(ledger)
  ledger.ballots.takeNew()
  return {
    note(now, isLast) {
      const marks = marksOf(now)
      const blocks = marks.block - written.block
      const isDue = blocks >= BLOCKS_PER_STEP || marks.ballots - written.ballots >= BALLOTS_PER_STEP
      if (blocks === 0 || !(isDue || isLast)) return
      appendFileSync(file, `${JSON.stringify(stepOf(now, written))}\n`)
      written = marks
    },
  }
}

type Marks = { block: number; ballots: number; roots: number; findings: number }

function marksOf({ chain, ballots, roots, findings }: Ledger): Marks {
  return {
    block: chain.number,
    ballots: ballots.count(),
    roots: roots.size,
    findings: findings.listed().length,
  }
}

function stepOf(ledger: Ledger, written: Marks): Step {
  const { chain, checks, findings } = ledger
  // Polls are known a little ahead of the ballots that were judged.
  const polls = ledger.polls.all()
  const fresh = polls.filter(({ block }) => block > written.block && block <= chain.number)
  return {
    chain,
    polls: fresh.map(({ poll, block }) => ({ poll, block })),
    counts: polls.map(({ poll, counts }) => [poll.pollId, counts]),
    roots: [...ledger.roots].slice(written.roots),
    pushes: [...ledger.pushes],
    checks,
    findingCount: findings.count(),
    findings: findings.listed().slice(written.findings),
    ballots: ledger.ballots.takeNew().toString('base64'),
  }
}

/** Brings a fresh ledger to where the steps end; its findings are the caller's. */
export async function restore(ledger: Ledger, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    for (const { poll, block } of step.polls) {
      // oxlint-disable-next-line no-await-in-loop -- in the order of the chain
      await ledger.polls.learn(poll, block)
    }
    for (const [pollId, voterIndex, ballot] of Ballots.parse(Buffer.from(step.ballots, 'base64'))) {
      ledger.ballots.add(pollId, voterIndex, ballot)
    }
    for (const [root, place] of step.roots) ledger.roots.set(root, place)
  }
  const last = steps.at(-1)
  if (last === undefined) return
  ledger.chain = last.chain
  ledger.checks = last.checks
  ledger.pushes = new Map(last.pushes)
  for (const [pollId, counts] of last.counts) {
    const poll = ledger.polls.get(pollId)
    if (poll !== undefined) poll.counts = counts
  }
}

/** The file of --resume is from an audit of something else. */
export class MismatchError extends BallotstormError {
  override readonly name = 'Checkpoint.MismatchError'
  readonly code = 'AUDIT_RESUME'
  readonly exitCode = 104
  readonly remedy = 'Name another file.'
  constructor(file: string) {
    super(`${file} belongs to another audit (chain, contract, register or first block differ).`)
  }
}

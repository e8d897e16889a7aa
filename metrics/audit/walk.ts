import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import type * as Block from './Block.ts'
import * as Chain from './Chain.ts'
import * as Entries from './Entries.ts'
import type { Finding } from './Finding.ts'
import type { WorkerPool } from './WorkerPool.ts'
import { judge, type Count } from './judge.ts'
import type * as Signatures from './Signatures.ts'

/** Everything that an audit knows while it walks along the chain. */
export type Ledger = Count & {
  chain: Chain.Chain
  /** Anchored batches: in which block each root stands. */
  roots: Map<string, { block: number; transaction: string }>
  /** 2017: where the Root points for each poll, by its own numbers, and since which block. */
  pushes: Map<string, { address: string; block: number }>
  checks: Checks
}

/** What was checked, as counts. */
export type Checks = {
  signatures: number
  /** Digests that ethers' own encoder computed too. */
  samples: number
  transactions: number
  /** Blocks that no other node had to be asked for. */
  blocks: number
}

export type Options = {
  workers: WorkerPool
  nodes: readonly Rpc.Rpc[]
  subject: Block.Subject
  domain: Ballot.Domain
  /** Height of the last block to verify. */
  toBlock: number
  /** Ends the walk after the blocks in hand. */
  signal?: AbortSignal | undefined
  /** Called after each stretch that was judged. */
  onProgress: (ledger: Ledger) => void
}

/** Blocks in one question: some 20 MB of JSON where they are full. */
const STRETCH_BLOCKS = 8
/** Stretches that are read ahead of the judging, for each thread. */
const STRETCHES_AHEAD = 2
/** Signatures in one task: a tenth of a second. */
const ENTRIES_PER_TASK = 1000

/** Verifies block after block from the ledger's chain on, and counts the ballots in them. */
export async function walk(ledger: Ledger, options: Options): Promise<void> {
  const ahead: Promise<Block.Facts[]>[] = []
  const behind: Promise<Recovered>[] = []
  const bound = Math.max(1, options.workers.count) * STRETCHES_AHEAD
  let next = ledger.chain.number + 1
  const judgeOldest = async (): Promise<void> => {
    const stretch = await behind.shift()
    if (stretch === undefined) return
    judgeAll(ledger, stretch)
    options.onProgress(ledger)
  }
  // The chain runs ahead of what is judged; the ledger's must not.
  let chain = ledger.chain
  while (ahead.length > 0 || next <= options.toBlock) {
    while (ahead.length < bound && next <= options.toBlock && options.signal?.aborted !== true) {
      const reading = options.workers.read(0, numbersFrom(next, options), options.subject)
      // An error is looked at in its turn.
      reading.catch(() => {})
      ahead.push(reading)
      next += STRETCH_BLOCKS
    }
    const reading = ahead.shift()
    if (reading === undefined) break
    const stretch: Stretch = { chain, facts: [], findings: [] }
    for (const facts of await stretchOf(reading, chain, options)) {
      // oxlint-disable-next-line no-await-in-loop -- a block is checked against the one before
      await accept(stretch, facts, options)
    }
    for (const { polls, number } of stretch.facts) {
      for (const poll of polls) {
        // oxlint-disable-next-line no-await-in-loop -- a poll must be known before its ballots
        stretch.findings.push(...(await ledger.polls.learn(poll, number)))
      }
    }
    chain = stretch.chain
    const recovering = recover(stretch, ledger, options)
    recovering.catch(() => {})
    behind.push(recovering)
    if (behind.length > bound) await judgeOldest()
  }
  while (behind.length > 0) await judgeOldest()
}

/** Blocks that hold, the chain with them, and what was found on the way. */
type Stretch = { chain: Chain.Chain; facts: Block.Facts[]; findings: Finding[] }
type Recovered = Stretch & { signed: Signatures.Signed[] }

function numbersFrom(first: number, { toBlock }: Options): number[] {
  const count = Math.min(STRETCH_BLOCKS, toBlock - first + 1)
  return Array.from({ length: count }, (_, index) => first + index)
}

/** The blocks as the first node tells them; where it cannot be asked, as the next one does. */
async function stretchOf(
  reading: Promise<Block.Facts[]>,
  chain: Chain.Chain,
  options: Options,
): Promise<Block.Facts[]> {
  const { workers, nodes, subject } = options
  try {
    return await reading
  } catch (error) {
    const numbers = numbersFrom(chain.number + 1, options)
    for (let node = 1; node < nodes.length; node += 1) {
      // oxlint-disable-next-line no-await-in-loop -- the next node is asked where this one fails
      const facts = await workers.read(node, numbers, subject).catch(() => undefined)
      if (facts !== undefined) return facts
    }
    throw error
  }
}

/** Takes the block as the first node shows it that shows one that holds; the others lie. */
async function accept(
  stretch: Stretch,
  shown: Block.Facts,
  { workers, nodes, subject }: Options,
): Promise<void> {
  const number = shown.number
  for (const [node, { name }] of nodes.entries()) {
    const [facts] =
      node === 0
        ? [shown]
        : // oxlint-disable-next-line no-await-in-loop -- the next node is asked where this one lies
          await workers.read(node, [number], subject).catch(() => [])
    if (facts === undefined) continue
    const appended = Chain.append(stretch.chain, facts)
    if ('next' in appended) {
      stretch.chain = appended.next
      stretch.facts.push(facts)
      return
    }
    for (const { kind, message } of appended.problems) {
      const evidence = { block: number, blockHash: facts.hash, node: name }
      stretch.findings.push({
        kind,
        message: `Block ${number} as ${name} shows it does not hold: ${message}.`,
        evidence,
      })
    }
  }
  stretch.chain = Chain.skip(stretch.chain)
}

/** Has the signers of all ballots of a stretch recovered; begun at once, awaited later. */
async function recover(stretch: Stretch, ledger: Ledger, options: Options): Promise<Recovered> {
  const { workers, domain } = options
  const entries = Buffer.concat(stretch.facts.map((facts) => facts.entries))
  const sizeBytes = ENTRIES_PER_TASK * Entries.SIZE_BYTES
  const tasks = Array.from({ length: Math.ceil(entries.length / sizeBytes) }, (_, index) => {
    const part = entries.subarray(index * sizeBytes, (index + 1) * sizeBytes)
    const pollDigests = digestsFor(part, ledger)
    return workers.recover({ domain, pollDigests, entries: Uint8Array.from(part) })
  })
  return { ...stretch, signed: await Promise.all(tasks) }
}

function digestsFor(entries: Buffer, { polls }: Ledger): Map<number, string> {
  const digests = new Map<number, string>()
  for (let index = 0; index < Entries.count(entries); index += 1) {
    const { pollId } = Entries.at(entries, index)
    const digest = polls.get(pollId)?.poll.binding?.pollDigest
    if (digest !== undefined) digests.set(pollId, digest)
  }
  return digests
}

function judgeAll(ledger: Ledger, { chain, facts, findings, signed }: Recovered): void {
  for (const finding of findings) ledger.findings.add(finding)
  const signers = Buffer.concat(signed.map((part) => part.signers))
  let first = 0
  for (const block of facts) {
    const count = Entries.count(block.entries)
    judge(ledger, { ...block, signers: signers.subarray(first * 20, (first + count) * 20) })
    for (const { root, transaction } of block.roots) {
      ledger.roots.set(root, { block: block.number, transaction })
    }
    for (const push of block.pushes) notePush(ledger, push, block)
    for (const { transaction, reason } of block.contradictions) {
      const message = `Transaction ${transaction} in block ${block.number}: ${reason}.`
      const evidence = { transaction, block: block.number, blockHash: block.hash }
      ledger.findings.add({ kind: 'contradiction', message, evidence })
    }
    ledger.checks.transactions += block.transactions.length
    first += count
  }
  ledger.checks.blocks += facts.length
  for (const part of signed) {
    ledger.checks.signatures += part.checkedCount
    ledger.checks.samples += part.sampledCount
    if (part.disagreements.length > 0) throw new SharedMistakeError(part.disagreements.length)
  }
  ledger.chain = chain
}

/** The Root of 2017 lets its owner point a poll at another contract, without a word. */
function notePush(
  { pushes, findings }: Ledger,
  { poll, address, transaction }: Block.Facts['pushes'][number],
  { number, hash }: Block.Facts,
): void {
  const before = pushes.get(poll)
  pushes.set(poll, { address, block: number })
  if (before === undefined || before.address === address) return
  findings.add({
    kind: 'redirected',
    message: `Poll ${poll} of the Root was pointed from ${before.address} to ${address} in block ${number}.`,
    evidence: { transaction, block: number, blockHash: hash, from: before.address, to: address },
  })
}

/** ethers computes another digest or signer than we do: no result of this audit is worth anything. */
export class SharedMistakeError extends BallotstormError {
  override readonly name = 'walk.SharedMistakeError'
  readonly code = 'AUDIT_SHARED_MISTAKE'
  readonly exitCode = 1
  readonly remedy = 'Do not rely on this audit; report it as a bug of ballotstorm.'
  constructor(count: number) {
    super(`ethers' encoder and ours disagree about ${count} ballots.`)
  }
}

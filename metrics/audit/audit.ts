import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import { begin, type Start } from './begin.ts'
import { checkReceipts, type ReceiptCounts } from './checkReceipts.ts'
import { signaturesOf, type Proven } from './signedTwice.ts'
import { compareNodes, type View } from './compareNodes.ts'
import { compareTallies } from './compareTallies.ts'
import type * as Seal from '../ethereum/consensus/Seal.ts'
import type * as Finding from './Finding.ts'
import type { Tallies } from '../contracts/Decoder.ts'
import type { Kind } from '../contracts/Target.ts'
import * as WorkerPool from './WorkerPool.ts'
import { limitsOf } from './limits.ts'
import * as Node from './Node.ts'
import { openLedger } from './openLedger.ts'
import { orderNodes } from './orderNodes.ts'
import type * as Polls from './Polls.ts'
import * as Receipts from './Receipts.ts'
import { walk, type Checks, type Ledger } from './walk.ts'

export type Options = {
  /**
   * JSON-RPC of the nodes; the first that answers and is not behind the others is read, the others are
   * asked where it lies, and compared.
   */
  rpcUrls: readonly string[]
  /** BallotBox, BallotAnchor or Root, lower-case hex. */
  contract: string
  registerFile?: string | undefined
  receiptsFolder?: string | undefined
  /** Lower-case hex. */
  receiptSigner?: string | undefined
  /** The first block to read: none of the contract's lies before it. @default 1 */
  fromBlock?: number | undefined
  /** What the genesis block must hash to; else it is told and taken. */
  genesisHash?: string | undefined
  /** Where the audit goes on when it is begun again; written as it proceeds. */
  resumeFile?: string | undefined
  /** Threads. @default as the machine has cores, none for a short chain */
  threads?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((progress: Progress) => void) | undefined
}

export type Progress = { block: number; toBlock: number; signatures: number; ballots: number }

/** What an audit says. */
export type Audit = {
  design: Kind
  contract: string
  chainId: number
  genesisHash: string
  consensus: Seal.Kind
  /** The validators of the last block; empty where there are no seals. */
  validators: string[]
  blocks: { from: number; to: number; toHash: string; toTimestamp: number; brokenCount: number }
  checks: Checks
  polls: PollResult[]
  receipts: (ReceiptCounts & { problems: string[] }) | undefined
  /** Voters' own doing, and no breach. */
  signedTwice: Proven[]
  nodes: View[]
  findings: { count: number; listed: Finding.Finding[] }
  /** What this design, this network or these options leave unchecked, as sentences. */
  notChecked: string[]
}

export type PollResult = {
  pollId: number
  question: string
  options: string[]
  sealsAt: number | undefined
  isSealed: boolean
  /** By option. */
  recount: number[]
  /** The contract's own as the first node tells it, see {@link Tallies}; `null` where it tells none. */
  tally: number[] | null
  skippedCount: number
}

/** A shorter chain is read sooner than threads start. */
const THREADS_FROM_BLOCKS = 500

/**
 * Verifies an election from the chain alone: recounts every poll, recomputes every block, checks
 * every seal, signature, and eligibility again, and holds receipts and other nodes against it.
 *
 * @throws {WorkerPool.UnansweredError} and Rpc.RpcError where no node can be asked.
 * @throws {detect.NotAContractError}
 */
export async function audit(options: Options): Promise<Audit> {
  const named = options.rpcUrls.map((url) => Node.connect(url))
  const places = await orderNodes(named)
  const nodes = places.flatMap((place) => named[place] ?? [])
  const rpcUrls = places.flatMap((place) => options.rpcUrls[place] ?? [])
  const [node] = nodes
  if (node === undefined) throw new RangeError('There is no node to ask.')
  const start = await begin(node, options)
  const { subject, domain, toBlock } = start
  const { ledger, writer } = await openLedger(start, nodes, options)
  const isShort = toBlock - ledger.chain.number < THREADS_FROM_BLOCKS
  const workers =
    options.threads === 0 || (options.threads === undefined && isShort)
      ? WorkerPool.local(nodes)
      : WorkerPool.start(rpcUrls, options.threads)
  try {
    const onProgress = ({ chain, checks, ballots }: Ledger): void => {
      writer?.note(ledger, chain.number === toBlock)
      const { signatures } = checks
      options.onProgress?.({ block: chain.number, toBlock, signatures, ballots: ballots.count() })
    }
    await walk(ledger, {
      workers,
      nodes,
      subject,
      domain,
      toBlock,
      onProgress,
      signal: options.signal,
    })
  } finally {
    writer?.note(ledger, true)
    await workers.close()
  }
  if (options.signal?.aborted === true) throw new InterruptedError(options.resumeFile)
  return conclude(ledger, start, nodes, options)
}

async function conclude(
  ledger: Ledger,
  start: Start,
  nodes: readonly Rpc.Rpc[],
  options: Options,
): Promise<Audit> {
  const { subject, domain, base, genesisHash } = start
  const { contract } = options
  checkPushes(ledger, start)
  const tallies = await compareTallies(ledger, nodes, subject)
  const kept =
    options.receiptsFolder === undefined ? undefined : Receipts.read(options.receiptsFolder)
  const isSigned = subject.kind === 'ballot-box'
  const signer = options.receiptSigner
  const receipts = kept && checkReceipts(ledger, { kept: kept.kept, domain, signer, isSigned })
  const [node, ...others] = nodes
  const { validators, number: toBlock } = ledger.chain
  const verified = { fromBlock: base.number + 1, toBlock, validators, depth: start.depth }
  const views =
    node === undefined ? [] : await compareNodes({ ...verified, node }, others, ledger.findings)
  const { chain } = ledger
  return {
    design: subject.kind,
    contract,
    chainId: domain.chainId,
    genesisHash,
    consensus: subject.consensus,
    validators: chain.validators.members,
    blocks: {
      from: base.number + 1,
      to: chain.number,
      toHash: chain.hash,
      toTimestamp: chain.timestamp,
      brokenCount: chain.brokenCount,
    },
    checks: ledger.checks,
    polls: ledger.polls.all().map((poll) => result(poll, tallies, chain.timestamp)),
    receipts: receipts && { ...receipts.counts, problems: kept?.problems ?? [] },
    signedTwice: await signaturesOf(receipts?.signedTwice ?? [], nodes, subject),
    nodes: views,
    findings: { count: ledger.findings.count(), listed: ledger.findings.listed() },
    notChecked: limitsOf(ledger, {
      ...options,
      subject,
      views,
      receiptCount: kept?.kept.length,
      untold: ledger.polls.all().filter(({ poll }) => tallies.get(poll.pollId) === undefined)
        .length,
    }),
  }
}

/** 2017: the polls that the node names must be those at which the Root was pointed in the blocks. */
function checkPushes({ pushes, findings, chain }: Ledger, { questions, base }: Start): void {
  if (base.number > 0 || chain.brokenCount > 0) return
  for (const { poll, pollAddress } of questions) {
    const pushed = pushes.get(poll)
    if (pushed?.address === pollAddress) continue
    findings.add({
      kind: 'redirected',
      message: `The node says that poll ${poll} stands at ${pollAddress}, the transactions point it at ${pushed?.address ?? 'nothing'}.`,
      evidence: { poll, pollAddress, pushed: pushed?.address ?? '' },
    })
  }
}

function result(state: Polls.PollState, tallies: Tallies, timestamp: number): PollResult {
  const { poll, counts } = state
  const sealsAt = poll.binding?.sealsAt
  return {
    pollId: poll.pollId,
    question: poll.question,
    options: poll.options,
    sealsAt,
    isSealed: sealsAt !== undefined && timestamp > sealsAt,
    recount: counts.recount,
    tally: tallies.get(poll.pollId) ?? null,
    skippedCount: counts.skippedCount,
  }
}

/** The user interrupted an audit. */
export class InterruptedError extends BallotstormError {
  override readonly name = 'audit.InterruptedError'
  readonly code = 'AUDIT_INTERRUPTED'
  readonly exitCode = 105
  readonly remedy = 'Repeat the command: with --resume FILE an audit goes on where it stopped.'
  constructor(resumeFile: string | undefined) {
    super(
      resumeFile === undefined
        ? 'Interrupted.'
        : `Interrupted. What was read is kept in ${resumeFile}.`,
    )
  }
}

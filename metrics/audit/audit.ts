import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import type * as Rpc from '../witness/Rpc.ts'
import * as Ballots from './Ballots.ts'
import * as Block from './Block.ts'
import { checkReceipts, type ReceiptCounts } from './checkReceipts.ts'
import { compareNodes, type View } from './compareNodes.ts'
import { compareTallies, type Tallies } from './compareTallies.ts'
import * as Seal from './consensus/Seal.ts'
import * as Validators from './consensus/Validators.ts'
import * as Checkpoint from './Checkpoint.ts'
import { detect } from './detect.ts'
import * as Finding from './Finding.ts'
import { findQuestions, type Question } from './findQuestions.ts'
import type * as Form from './forms/Form.ts'
import * as Hands from './Hands.ts'
import * as Header from './Header.ts'
import { limitsOf } from './limits.ts'
import * as Node from './Node.ts'
import * as Polls from './Polls.ts'
import * as Receipts from './Receipts.ts'
import * as Voters from './Voters.ts'
import { walk, type Checks, type Ledger } from './walk.ts'

export type Options = {
  /** JSON-RPC of the nodes; the first is read, the others are asked where it lies, and compared. */
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
  design: Form.Name
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
 * @throws {Hands.UnansweredError} and Rpc.RpcError where no node can be asked.
 * @throws {detect.NotAContractError}
 */
export async function audit(options: Options): Promise<Audit> {
  const nodes = options.rpcUrls.map((url) => Node.connect(url))
  const [node] = nodes
  if (node === undefined) throw new RangeError('There is no node to ask.')
  const start = await begin(node, options)
  const { subject, domain, toBlock } = start
  const { ledger, writer } = await open(start, nodes, options)
  const isShort = toBlock - ledger.chain.number < THREADS_FROM_BLOCKS
  const hands =
    options.threads === 0 || (options.threads === undefined && isShort)
      ? Hands.local(nodes)
      : Hands.threads(options.rpcUrls, options.threads)
  try {
    const onProgress = ({ chain, checks, ballots }: Ledger): void => {
      writer?.note(ledger, chain.number === toBlock)
      const { signatures } = checks
      options.onProgress?.({ block: chain.number, toBlock, signatures, ballots: ballots.count() })
    }
    await walk(ledger, {
      hands,
      nodes,
      subject,
      domain,
      toBlock,
      onProgress,
      signal: options.signal,
    })
  } finally {
    writer?.note(ledger, true)
    await hands.close()
  }
  if (options.signal?.aborted === true) throw new InterruptedError(options.resumeFile)
  return conclude(ledger, start, nodes, options)
}

/** What is asked before the walk. */
type Start = {
  subject: Block.Subject
  domain: Ballot.Domain
  /** The block that the walk stands on. */
  base: Block.Facts
  genesisHash: string
  validators: Validators.Validators
  /** 2017 only. */
  questions: Question[]
  /** Blocks at the tip that a reorganisation may still replace: left for later. */
  depth: number
  toBlock: number
}

async function begin(node: Rpc.Rpc, options: Options): Promise<Start> {
  const { contract, fromBlock = 1 } = options
  const form = await detect(node, contract)
  const [chainId, height] = await node.ask([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_blockNumber', params: [] },
  ])
  const [genesis, first] = await Promise.all([
    Block.readHeader(node, 0),
    Block.readHeader(node, fromBlock),
  ])
  if (genesis === undefined) throw new Hands.UnansweredError(`${node.name} has no genesis block.`)
  const consensus = Seal.kindOf(genesis)
  const questions = form === 'active-citizen-2017' ? await findQuestions(node, contract) : []
  const subject = { form, contracts: { main: contract, questions }, consensus }
  const [base] = await Block.read(node, [fromBlock - 1], subject)
  if (base === undefined || base.hash === '') {
    throw new Hands.UnansweredError(`${node.name} does not have block ${fromBlock - 1}.`)
  }
  const source = fromBlock === 1 || first === undefined ? genesis : first
  const validators = Validators.create(Seal.read(source, consensus))
  const depth = consensus === 'clique' ? Math.floor(validators.members.length / 2) + 1 : 0
  return {
    subject,
    domain: { chainId: Number(chainId), verifyingContract: contract },
    base,
    genesisHash: `0x${Header.hash(genesis).toString('hex')}`,
    validators,
    questions,
    depth,
    toBlock: Number(height) - depth,
  }
}

/** The ledger as it stands before the walk: new, or as an earlier audit left it. */
async function open(
  start: Start,
  nodes: readonly Rpc.Rpc[],
  options: Options,
): Promise<{ ledger: Ledger; writer: Checkpoint.Writer | undefined }> {
  const { registerFile, resumeFile } = options
  const { base, validators, genesisHash, domain } = start
  const fileVoters = registerFile === undefined ? undefined : Voters.fromFile(registerFile)
  const identity = {
    format: 'ballotstorm/audit',
    version: 1,
    contract: domain.verifyingContract,
    chainId: domain.chainId,
    genesisHash,
    fromBlock: base.number + 1,
    register: fileVoters?.commitment.toString('hex') ?? '',
  } as const
  const steps = resumeFile === undefined ? [] : Checkpoint.read(resumeFile, identity)
  const { number, hash, timestamp } = base
  const ledger: Ledger = {
    polls: Polls.create({ nodes, fileVoters }),
    ballots: Ballots.create({ isRecorded: resumeFile !== undefined }),
    findings: Finding.collect({
      count: steps.at(-1)?.findingCount ?? 0,
      listed: steps.flatMap((step) => step.findings),
    }),
    chain: { number, hash, timestamp, validators, brokenCount: 0 },
    roots: new Map(),
    pushes: new Map(),
    checks: { signatures: 0, samples: 0, transactions: 0, blocks: 0 },
  }
  for (const [index, { name, options: labels, poll }] of start.questions.entries()) {
    const question = `${name} of poll ${poll}`
    await ledger.polls.learn(
      { pollId: index + 1, question, options: labels, binding: undefined },
      number,
    )
  }
  await Checkpoint.restore(ledger, steps)
  if (steps.length === 0) checkBase(ledger, start, options)
  else await checkStanding(ledger, nodes)
  const writer = resumeFile && Checkpoint.create(resumeFile, identity, ledger)
  return { ledger, writer: writer === '' ? undefined : writer }
}

/** The block on which all others stand: the genesis, or where the user begins. */
function checkBase(
  { findings }: Ledger,
  { base, genesisHash }: Start,
  { genesisHash: expected }: Options,
): void {
  if (expected !== undefined && expected !== genesisHash) {
    findings.add({
      kind: 'brokenBlock',
      message: `The genesis block hashes to ${genesisHash}, not to ${expected}: this is another chain.`,
      evidence: { block: 0, blockHash: genesisHash },
    })
  }
  for (const fault of base.faults) {
    const message = `Block ${base.number}, on which all others stand, does not hold: ${fault}.`
    findings.add({ kind: 'brokenBlock', message, evidence: { block: base.number } })
  }
}

/** Whether the block up to which an earlier audit came still stands. */
async function checkStanding(
  { chain, findings }: Ledger,
  [node]: readonly Rpc.Rpc[],
): Promise<void> {
  const header = node && (await Block.readHeader(node, chain.number))
  const hash = header === undefined ? 'none' : `0x${Header.hash(header).toString('hex')}`
  if (chain.hash === '' || hash === chain.hash) return
  findings.add({
    kind: 'finalityBroken',
    message: `Block ${chain.number} was ${chain.hash} when it was verified, and is ${hash} now: begin anew without --resume.`,
    evidence: { block: chain.number, blockHash: chain.hash, blockHashNow: hash },
  })
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
  const receipts =
    kept && checkReceipts(ledger, { kept: kept.kept, domain, signer: options.receiptSigner })
  const [node, ...others] = nodes
  const { validators, number: toBlock } = ledger.chain
  const verified = { fromBlock: base.number + 1, toBlock, validators, depth: start.depth }
  const views =
    node === undefined ? [] : await compareNodes({ ...verified, node }, others, ledger.findings)
  const { chain } = ledger
  return {
    design: subject.form,
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
    receipts: receipts && { ...receipts, problems: kept?.problems ?? [] },
    nodes: views,
    findings: { count: ledger.findings.count(), listed: ledger.findings.listed() },
    notChecked: limitsOf(ledger, { ...options, subject }),
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

/** Ended by the user. */
export class InterruptedError extends Error {
  override readonly name = 'audit.InterruptedError'
  readonly code = 'AUDIT_INTERRUPTED'
  constructor(resumeFile: string | undefined) {
    super(
      resumeFile === undefined
        ? 'Interrupted. With --resume FILE an audit goes on where it stopped.'
        : `Interrupted. The same command goes on where it stopped (${resumeFile}).`,
    )
  }
}

import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import * as Ballots from './Ballots.ts'
import type { Start } from './begin.ts'
import * as Checkpoint from './Checkpoint.ts'
import * as Finding from './Finding.ts'
import * as Header from '../ethereum/Header.ts'
import * as Polls from './Polls.ts'
import * as Voters from './Voters.ts'
import type { Ledger } from './walk.ts'

export type Options = {
  registerFile?: string | undefined
  resumeFile?: string | undefined
  genesisHash?: string | undefined
}

/**
 * The ledger as it stands before the walk: new, or as an earlier audit left it.
 *
 * @throws {Checkpoint.MismatchError}
 */
export async function openLedger(
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
  for (const { pollId, name, options: labels, poll } of start.questions) {
    const question = `${name} of poll ${poll}`
    await ledger.polls.learn({ pollId, question, options: labels, binding: undefined }, number)
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
  const header = node && (await CheckedBlock.readHeader(node, chain.number))
  const hash = header === undefined ? 'none' : `0x${Header.hash(header).toString('hex')}`
  if (chain.hash === '' || hash === chain.hash) return
  findings.add({
    kind: 'finalityBroken',
    message: `Block ${chain.number} was ${chain.hash} when it was verified, and is ${hash} now: begin anew without --resume.`,
    evidence: { block: chain.number, blockHash: chain.hash, blockHashNow: hash },
  })
}

import { digest } from '../../scenarios/ballots/Poll.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import type { Finding } from './Finding.ts'
import type { Poll } from '../contracts/Decoder.ts'
import * as Voters from './Voters.ts'

/** A poll, and what was counted in it. */
export type PollState = {
  poll: Poll
  /** Block in which it was created. */
  block: number
  /** Who may vote; `undefined` where the design puts no register on the chain and no file was given. */
  voters: Voters.Voters | undefined
  /** Whether question, options and register are what the ballots were signed for. */
  isBound: boolean
  counts: Counts
}

/** What was counted in a poll. Plain data: it goes into files. */
export type Counts = {
  /** Votes that count by our own judgement, by choice. */
  recount: number[]
  /** Who cast them. */
  voterCount: number
  skippedCount: number
  /** Votes of 2017 under a key that names no voter of a register. */
  unnamedCount: number
}

/** The polls of a contract, as the chain tells them. */
export type Polls = {
  get(pollId: number): PollState | undefined
  all(): PollState[]
  /**
   * Takes in a poll that was created in a block, and checks what it is bound to.
   *
   * @returns what is wrong with it.
   * @throws {Rpc.RpcError} where no node shows the register to which it is bound.
   */
  learn(poll: Poll, block: number): Promise<Finding[]>
}

export type Options = {
  nodes: readonly Rpc.Rpc[]
  /** Voters of a file that is trusted more than the chain. */
  fileVoters: Voters.Voters | undefined
}

export function create(options: Options): Polls {
  const polls = new Map<number, PollState>()
  const registers = new Map<string, Promise<Voters.Voters>>()
  return {
    get: (pollId) => polls.get(pollId),
    all: () => [...polls.values()].toSorted((a, b) => a.poll.pollId - b.poll.pollId),
    async learn(poll, block) {
      const { pollId, question } = poll
      if (polls.has(pollId) || !(pollId >= 1 && pollId < POLL_IDS)) {
        const message = `Poll ${pollId} was created in block ${block}, though it exists or can have no such number.`
        return [{ kind: 'contradiction', pollId, message, evidence: { block, question } }]
      }
      const { findings, ...bound } = await bind(poll, options, registers)
      const recount = poll.options.map(() => 0)
      const counts = { recount, voterCount: 0, skippedCount: 0, unnamedCount: 0 }
      polls.set(pollId, { poll, block, ...bound, counts })
      return findings
    },
  }
}

/** Ballots name polls by 32 bits, from 1. */
const POLL_IDS = 2 ** 32

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`

/** Finds the voters to whom the poll is bound: the file's, else those that a node shows. */
async function bind(
  poll: Poll,
  { nodes, fileVoters }: Options,
  registers: Map<string, Promise<Voters.Voters>>,
): Promise<Pick<PollState, 'voters' | 'isBound'> & { findings: Finding[] }> {
  const { binding } = poll
  if (binding === undefined) return { voters: fileVoters, isBound: false, findings: [] }
  if (fileVoters !== undefined) {
    const isBound = isBoundTo(poll, fileVoters)
    const findings = isBound ? [] : [mismatch(poll, fileVoters, 'the register file')]
    return { voters: fileVoters, isBound, findings }
  }
  if (binding.register === ZERO_ADDRESS) return { voters: undefined, isBound: false, findings: [] }
  const findings: Finding[] = []
  let last: Voters.Voters | undefined
  let problem: unknown
  for (const node of nodes) {
    const key = `${node.url} ${binding.register}`
    const reading = registers.get(key) ?? Voters.fromChain(node, binding.register)
    registers.set(key, reading)
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next node is asked where the first one lies
      last = await reading
    } catch (error) {
      // Another poll asks again.
      registers.delete(key)
      problem = error
      continue
    }
    if (isBoundTo(poll, last)) return { voters: last, isBound: true, findings }
    findings.push(mismatch(poll, last, `the register that ${node.name} shows`))
  }
  if (last === undefined && problem !== undefined) throw problem
  return { voters: last, isBound: false, findings }
}

function isBoundTo({ question, options, binding }: Poll, { commitment }: Voters.Voters): boolean {
  const bound = digest({ question, options, slice: binding?.slice }, commitment)
  return `0x${bound.toString('hex')}` === binding?.pollDigest
}

function mismatch({ pollId, binding }: Poll, voters: Voters.Voters, what: string): Finding {
  return {
    kind: 'registerMismatch',
    pollId,
    message: `Poll ${pollId} is not bound to ${what}: question, options and these ${voters.count} voters give another digest than the chain holds.`,
    evidence: {
      pollDigest: binding?.pollDigest ?? '',
      register: binding?.register ?? '',
      commitment: `0x${voters.commitment.toString('hex')}`,
    },
  }
}

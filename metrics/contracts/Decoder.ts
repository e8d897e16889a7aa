import type { Question } from '../../scenarios/ballots/ActiveCitizen2017.ts'
import type { Slice } from '../../scenarios/ballots/Poll.ts'
import type { Log } from '../ethereum/TransactionReceipt.ts'
import type { Rpc } from '../rpc/Rpc.ts'
import type { Kind } from './Target.ts'

/**
 * What those who trust nobody know of one kind of contract. It shares the wire formats with the
 * system under test, and no code. Each contract's file also has its `decodeCall`, which takes
 * calldata apart exactly as the contract does.
 */
export type Decoder = {
  kind: Kind
  /** Selector of a function that only this contract has, `0x` and 8 hex digits. */
  mark: string
  /**
   * The polls that are contracts of their own; none where the contract tells of polls by events.
   *
   * @throws {RpcError} where the node gives no answer, or one that the contract cannot give.
   */
  findQuestions(node: Rpc, address: string): Promise<FoundQuestion[]>
  /** The polls that were created. */
  pollsIn(executed: readonly Executed[], contracts: Contracts): Poll[]
  /** The ballots in transactions, by their calldata and events; nothing is judged. */
  read(executed: readonly Executed[], contracts: Contracts): Reading
  /** The contract's own result for each poll as a node tells it. */
  readTallies(node: Rpc, pollIds: readonly number[], at: TallyPlace): Promise<Tallies>
  /** What the contract should tell where a recount is right. */
  tallyOf(recount: Recount): number[]
}

/** The contracts of one election, lower-case hex. */
export type Contracts = {
  /** BallotBox, BallotAnchor or Root. */
  main: string
  /** 2017: the questions, and the version of each that counts. */
  questions: readonly Question[]
}

/** A question behind a Root, as a node tells it: a claim until the blocks confirm it. */
export type FoundQuestion = Question & {
  /** The Root's own number of the poll, in decimal, and where the poll stands. */
  poll: string
  pollAddress: string
  name: string
  options: string[]
}

/** A transaction that was not reverted, with all its events. */
export type Executed = {
  hash: string
  to?: string | null | undefined
  /** Calldata as hex. */
  input: string
  logs: readonly Log[]
}

/** A poll as its creation on the chain says it; times in Unix seconds. */
export type Poll = {
  pollId: number
  question: string
  options: string[]
  /** `undefined` where the contract has none. */
  binding: Binding | undefined
}

/** What binds a poll: its digest, its register and its times. */
export type Binding = {
  pollDigest: string
  /** Lower-case hex; the zero address where the register is not on the chain. */
  register: string
  /** `undefined` where the whole register may vote. */
  slice: Slice | undefined
  opensAt: number
  closesAt: number
  sealsAt: number
}

/** What transactions say about ballots. */
export type Reading = {
  /** Hashes of those that hold ballots or contradict themselves. */
  transactions: string[]
  ballots: Ballot[]
  roots: Root[]
  contradictions: Contradiction[]
  /** 2017: polls that the Root was pointed at; `poll` is the Root's own number, in decimal. */
  pushes: { poll: string; address: string; transaction: string }[]
}

/** A ballot that a contract took in. */
export type Ballot = {
  pollId: number
  voterIndex: number
  choice: number
  /** The reason for which the contract skipped it (see `SKIP_REASONS`), 0 where it counted it. */
  skipReason: number
  /** Index into the reading's `transactions`. */
  transaction: number
  proof: Proof
}

/**
 * Who says that this is the voter's will.
 *
 * - `signature`: the voter, by a signature of 65 bytes over the ballot.
 * - `sender`: the voter, by sending the transaction, which names the poll's digest (32 bytes).
 * - `key`: the service, under a key that holds the voter's address (20 bytes).
 * - `none`: the service alone.
 * - `unnamed`: the service alone, under a key that names no voter of a register.
 * - `further`: a further option of the vote before.
 * - `event`: nobody; an event says so that the calldata contradicts.
 */
export type Proof = {
  kind: 'signature' | 'sender' | 'key' | 'none' | 'unnamed' | 'further' | 'event'
  bytes: Uint8Array
}

/** A batch with a commitment. */
export type Root = { root: string; transaction: string }

/** Calldata and events of one transaction tell different things, of one ballot or of all. */
export type Contradiction = {
  transaction: string
  reason: string
  pollId?: number
  voterIndex?: number
}

/**
 * The result that a node tells for each poll; `undefined` where it tells none. By option in a
 * BallotBox, in 2017 with the number of voters last; in a BallotAnchor only the number of ballots.
 */
export type Tallies = Map<number, number[] | undefined>

/** Where results are read. @param block - number of the block whose state is asked for. */
export type TallyPlace = { contracts: Contracts; block: number }

/** Ballots that count, by option, and how many voters cast them. */
export type Recount = { recount: number[]; voterCount: number }

export function nothing(): Reading {
  return { transactions: [], ballots: [], roots: [], contradictions: [], pushes: [] }
}

/** Finds an address in whatever case a node writes it. */
export function isAt(address: string | null | undefined, contract: string): boolean {
  return address?.toLowerCase() === contract
}

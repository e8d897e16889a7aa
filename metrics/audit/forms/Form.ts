import type { Slice } from '../../../scenarios/ballots/Poll.ts'
import type * as Entries from '../Entries.ts'
import type * as TransactionReceipt from '../../ethereum/TransactionReceipt.ts'
import type * as Transaction from '../../ethereum/Transaction.ts'

/** A poll as its creation on the chain says it; times in Unix seconds. */
export type Poll = {
  pollId: number
  question: string
  options: string[]
  /** `undefined` where the design has none. */
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

/** A transaction with what became of it. */
export type Done = {
  transaction: Transaction.Transaction
  outcome: TransactionReceipt.TransactionReceipt
}

/** A batch with a commitment. */
export type Root = { root: string; transaction: string }

/** What a block says about ballots: nothing in it was judged yet. */
export type Decoded = {
  polls: Poll[]
  /** Hashes of the transactions that hold ballots. */
  transactions: string[]
  entries: Entries.Entry[]
  roots: Root[]
  /** Calldata and events tell different things. */
  contradictions: { transaction: string; reason: string }[]
  /** 2017: polls that the Root was pointed at; `poll` is the Root's own number, in decimal. */
  pushes: { poll: string; address: string; transaction: string }[]
}

export function empty(): Decoded {
  return { polls: [], transactions: [], entries: [], roots: [], contradictions: [], pushes: [] }
}

/** The design that a contract belongs to. */
export type Name = 'ballot-box' | 'anchored' | 'active-citizen-2017'

/** The contracts of one election, lower-case hex. */
export type Contracts = {
  /** BallotBox, BallotAnchor or Root. */
  main: string
  /** 2017: the questions, in the order of their polls, with the version that counts. */
  questions: readonly { address: string; version: number }[]
}

/** Reads the ballots out of a block's transactions to the contracts. */
export type Decode = (done: readonly Done[], contracts: Contracts) => Decoded

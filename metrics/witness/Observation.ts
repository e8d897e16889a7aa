import { Type, type Static } from 'typebox'

/**
 * What the witness saw, one JSON object a line, in the order in which it saw it. Written while the
 * storm runs, read by the books afterwards; nothing in it comes from the system's own word.
 */

/** A ballot that the chain counted, at its place in its block. */
export const CastSchema = Type.Tuple([
  /** Poll. */
  Type.Integer({ minimum: 0 }),
  /** Voter's index in the register. */
  Type.Integer({ minimum: 0 }),
  /** Choice. */
  Type.Integer({ minimum: 0 }),
  /** Index into the block's `transactions`. */
  Type.Integer({ minimum: 0 }),
])

/**
 * A ballot that the contract refused without failing: poll, voter, transaction index, reason (a
 * number of `SKIP_REASONS`, in the system of 2017 of `VOTE_ERRORS`).
 */
export const SkipSchema = Type.Tuple([
  Type.Integer({ minimum: 0 }),
  Type.Integer({ minimum: 0 }),
  Type.Integer({ minimum: 0 }),
  Type.Integer({ minimum: 0 }),
])

/**
 * Calldata and events (in the system of 2017: calldata and state) of one transaction tell different
 * things: a contract cannot do that, so a node lies or the contract is another one. `casts` then
 * holds what events and state say for single ballots, and what the calldata less the skips says
 * for batches.
 */
export const ContradictionSchema = Type.Object({
  transaction: Type.String(),
  reason: Type.String(),
  pollId: Type.Optional(Type.Integer({ minimum: 0 })),
  voterIndex: Type.Optional(Type.Integer({ minimum: 0 })),
})

/** A block as it was read from the witness's reading node, after everything in it was recomputed. */
export const BlockSchema = Type.Object({
  kind: Type.Literal('block'),
  number: Type.Integer({ minimum: 0 }),
  hash: Type.String(),
  parentHash: Type.String(),
  /** Unix seconds, the block's own word. */
  timestamp: Type.Integer({ minimum: 0 }),
  /** Unix milliseconds at which the witness had the whole block. */
  seenAtMs: Type.Number({ minimum: 0 }),
  gasUsed: Type.Integer({ minimum: 0 }),
  gasLimit: Type.Integer({ minimum: 0 }),
  sizeBytes: Type.Integer({ minimum: 0 }),
  /** All transactions in the block, ours or not. */
  transactionCount: Type.Integer({ minimum: 0 }),
  /** Where ballots were counted, skipped or contradicted: transaction hashes; of a database its rows. */
  transactions: Type.Array(Type.String()),
  casts: Type.Array(CastSchema),
  skips: Type.Array(SkipSchema),
  contradictions: Type.Array(ContradictionSchema),
})

/** The block and all before it became final by the rule. */
export const FinalSchema = Type.Object({
  kind: Type.Literal('final'),
  number: Type.Integer({ minimum: 0 }),
  hash: Type.String(),
  atMs: Type.Number({ minimum: 0 }),
})

/** Blocks above `number` left the canonical chain; those that replace them follow as blocks. */
export const ReorganisationSchema = Type.Object({
  kind: Type.Literal('reorganisation'),
  /** The last block that stays. */
  number: Type.Integer({ minimum: 0 }),
  /** How many blocks were dropped. */
  depth: Type.Integer({ minimum: 1 }),
  droppedHashes: Type.Array(Type.String()),
  atMs: Type.Number({ minimum: 0 }),
})

/** Two nodes gave different hashes for one height at which both call the block final. */
export const DisagreementSchema = Type.Object({
  kind: Type.Literal('disagreement'),
  number: Type.Integer({ minimum: 0 }),
  hashes: Type.Array(Type.Object({ rpcUrl: Type.String(), hash: Type.String() })),
  atMs: Type.Number({ minimum: 0 }),
})

/**
 * A node showed a block that does not hold: it does not hash to its name, not to the transactions
 * and receipts that it is said to have, or lacks the seals. No ballot was taken from it.
 */
export const FaultSchema = Type.Object({
  kind: Type.Literal('fault'),
  number: Type.Integer({ minimum: 0 }),
  /** As the node calls the block. */
  hash: Type.String(),
  rpcUrl: Type.String(),
  faults: Type.Array(Type.String(), { minItems: 1 }),
  /** False where the block holds what nobody here can recompute: that is no node's fault. */
  isCheckable: Type.Boolean(),
  atMs: Type.Number({ minimum: 0 }),
})

/** Whom the witness asked, before the end: how far it can be believed. */
export const NodesSchema = Type.Object({
  kind: Type.Literal('nodes'),
  nodes: Type.Array(
    Type.Object({
      rpcUrl: Type.String(),
      /** Blocks that were read from it and held. */
      blockCount: Type.Integer({ minimum: 0 }),
      /** The highest of our blocks that it had too; −1 where it had none, or was never heard. */
      agreedNumber: Type.Integer({ minimum: -1 }),
      /** Whether it gave any answer. */
      isHeard: Type.Boolean(),
    }),
  ),
  /** How blocks are sealed. */
  seals: Type.Enum(['none', 'qbft', 'clique']),
  /** At the end; empty where there are no seals. */
  validators: Type.Array(Type.String()),
})

/** The first line: what is missing below this block was not looked for. */
export const BeginSchema = Type.Object({
  kind: Type.Literal('begin'),
  fromBlock: Type.Integer({ minimum: 0 }),
})

/** The reading node answered, and had nothing new: so a chain that stands still is no blind witness. */
export const LookSchema = Type.Object({
  kind: Type.Literal('look'),
  atMs: Type.Number({ minimum: 0 }),
})

/** The last line: how many stand before it, and the SHA-256 of their bytes. */
export const EndSchema = Type.Object({
  kind: Type.Literal('end'),
  count: Type.Integer({ minimum: 1 }),
  sha256: Type.String(),
})

export const Schema = Type.Union([
  BeginSchema,
  LookSchema,
  EndSchema,
  BlockSchema,
  FinalSchema,
  ReorganisationSchema,
  DisagreementSchema,
  FaultSchema,
  NodesSchema,
])

export type Cast = Static<typeof CastSchema>
export type Skip = Static<typeof SkipSchema>
export type Contradiction = Static<typeof ContradictionSchema>
export type Block = Static<typeof BlockSchema>
export type Final = Static<typeof FinalSchema>
export type Reorganisation = Static<typeof ReorganisationSchema>
export type End = Static<typeof EndSchema>
export type Disagreement = Static<typeof DisagreementSchema>
export type Fault = Static<typeof FaultSchema>
export type Nodes = Static<typeof NodesSchema>
export type Observation = Static<typeof Schema>

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'

import type * as Register from '../../scenarios/ballots/Register.ts'
import type * as Pool from '../database/Pool.ts'
import type * as Backlog from './Backlog.ts'
import type * as GroupCommit from './GroupCommit.ts'
import type * as Metrics from './Metrics.ts'
import type * as Polls from './Polls.ts'
import type * as Proofs from './Proofs.ts'
import type * as Tally from './Tally.ts'

/** What the routes work with. Everything in it was made by the composition root. */
export type Context = {
  /** For reading; ballots are stored over connections of their own. */
  pool: Pool.Pool
  polls: Polls.Polls
  register: Register.Register
  commits: GroupCommit.GroupCommit
  backlog: Backlog.Watch
  metrics: Metrics.Metrics
  /** Signs receipts, 32 bytes. */
  receiptKey: Uint8Array
  /** Where a ballot counts; signatures are kept for the chain only. */
  record: 'chain' | 'database'
  readTally: Tally.Read
  /** Undefined where receipts prove nothing about a chain. */
  proofs: Proofs.Proofs | undefined
  /** 0 where no ballot waits for a block. */
  blockTimeMs: number
  /** Whether {@link Pool} and schema may be relied upon: reasons why not, as sentences. */
  unreadiness(): Promise<string[]>
  /** Unix milliseconds, whole. */
  now: () => number
}

/** Fastify, with types that follow from the routes' schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

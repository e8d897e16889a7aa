import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import { SKIP_REASONS } from '../../scenarios/ballots/Contract.ts'

/** The relayer's metrics as events in its own words. */
export type Metrics = {
  registry: Registry
  /** Runs a step and observes how long it took, also when it throws. */
  time<Result>(step: Step, run: () => Promise<Result>): Promise<Result>
  /** A batch of this many ballots was claimed. */
  claimed(ballotCount: number): void
  /** Batches reached a state. */
  batches(state: Transition, count: number): void
  /** A batch was seen in a block. */
  included(ballotCount: number, skips: readonly { reason: number }[]): void
  resent(transactionCount: number): void
  reorganised(blockCount: number): void
  /** Milliseconds since transactions wait for a lower nonce; 0 while none does. */
  nonceGap(ageMs: number): void
  /** Ballots in no batch. */
  outbox(ballotCount: number): void
  /** Something outside did not answer, or answered wrongly. */
  failed(code: string): void
}

export type Step = 'claim' | 'sign' | 'send' | 'mark' | 'watch' | 'finalise' | 'resend'
export type Transition =
  | 'claimed'
  | 'signed'
  | 'sent'
  | 'included'
  | 'vanished'
  | 'final'
  | 'released'

/** Batches are 1 to 5,000 ballots. */
const BATCH_BALLOTS_BUCKETS = [1, 5, 10, 25, 50, 100, 200, 300, 400, 600, 800, 2000, 5000]

/** From a statement's millisecond to the timeouts of a node and of the database. */
const STEP_SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/**
 * Makes the relayer's families in a registry of their own.
 *
 * @param now - monotonic milliseconds.
 */
export function create(now: () => number): Metrics {
  const registry = new Registry()
  const families = createFamilies(registry)
  return {
    registry,
    async time(step, run) {
      const startMs = now()
      try {
        return await run()
      } finally {
        families.steps.observe({ step }, (now() - startMs) / 1000)
      }
    },
    claimed(ballotCount) {
      families.batches.inc({ state: 'claimed' })
      families.batchBallots.observe(ballotCount)
    },
    batches: (state, count) => families.batches.inc({ state }, count),
    included(ballotCount, skips) {
      families.batches.inc({ state: 'included' })
      families.included.inc(ballotCount - skips.length)
      for (const { reason } of skips) families.skipped.inc({ reason: reasonName(reason) })
    },
    resent: (count) => families.resends.inc(count),
    reorganised(blockCount) {
      families.reorganisations.inc()
      families.vanishedBlocks.inc(blockCount)
    },
    nonceGap: (ageMs) => families.nonceGapAge.set(ageMs / 1000),
    outbox: (ballotCount) => families.outbox.set(ballotCount),
    failed: (code) => families.failures.inc({ code }),
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the families are the type
function createFamilies(registry: Registry) {
  const registers = [registry]
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers })
  return {
    batches: new Counter({
      name: 'ballotstorm_relayer_batches_total',
      help: 'Batches by the state that they reached; vanished ones are counted again when they return.',
      labelNames: ['state'],
      registers,
    }),
    included: counter(
      'ballotstorm_relayer_ballots_included_total',
      'Ballots seen counted in a block, again after each reorganisation.',
    ),
    skipped: new Counter({
      name: 'ballotstorm_relayer_ballots_skipped_total',
      help: 'Ballots that the contract did not count, by reason; ballots counted earlier are left out.',
      labelNames: ['reason'],
      registers,
    }),
    resends: counter('ballotstorm_relayer_resends_total', 'Transactions given to a node again.'),
    reorganisations: counter(
      'ballotstorm_relayer_reorganisations_total',
      'Times that blocks vanished which had been read.',
    ),
    vanishedBlocks: counter(
      'ballotstorm_relayer_blocks_vanished_total',
      'Blocks that vanished after being read.',
    ),
    nonceGapAge: new Gauge({
      name: 'ballotstorm_relayer_nonce_gap_age_seconds',
      help: 'How long transactions have been waiting for a lower nonce that is in no journal; 0 while none does.',
      registers,
    }),
    outbox: new Gauge({
      name: 'ballotstorm_relayer_outbox_ballots',
      help: 'Acknowledged ballots in no batch, counted up to 100,000.',
      registers,
    }),
    batchBallots: new Histogram({
      name: 'ballotstorm_relayer_batch_ballots',
      help: 'Ballots in a batch when it was claimed.',
      buckets: BATCH_BALLOTS_BUCKETS,
      registers,
    }),
    steps: new Histogram({
      name: 'ballotstorm_relayer_step_seconds',
      help: 'Duration of each step of the relayer.',
      labelNames: ['step'],
      buckets: STEP_SECONDS_BUCKETS,
      registers,
    }),
    failures: new Counter({
      name: 'ballotstorm_relayer_failures_total',
      help: 'Calls to nodes or to the database that failed, by error code.',
      labelNames: ['code'],
      registers,
    }),
  }
}

function reasonName(reason: number): string {
  const names: Readonly<Record<number, string>> = { 0: 'reverted', ...SKIP_REASONS }
  return names[reason] ?? `reason ${reason}`
}

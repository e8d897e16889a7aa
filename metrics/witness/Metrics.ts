import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Block } from './Observation.ts'
import type { ErrorKind } from '../rpc/Rpc.ts'
import type { Entry } from './Tail.ts'

/** The witness's metrics, in a registry of its own. */
export type Metrics = {
  registry: Registry
  /** A block was read; `parentTimestamp` in Unix seconds, `undefined` before the first. */
  block(block: Block, parentTimestamp: number | undefined): void
  final(number: number, ballotCount: number): void
  reorganised(dropped: readonly Entry[]): void
  /** How many nodes have another block at a height at which ours is final. */
  disagreeing(nodeCount: number): void
  /** A node told its height. */
  heard(node: string, height: number, tipNumber: number | undefined): void
  failed(node: string, kind: ErrorKind): void
  /** A node showed a block that does not hold. */
  refused(node: string): void
  /** Blocks are read from this node from now on. */
  reading(node: string): void
}

/** From half a usual block time to a standstill, in seconds. */
const INTERVAL_BUCKETS_SECONDS = [0.5, 1, 1.5, 2, 3, 5, 10, 20, 30, 60]

const DEPTH_BUCKETS_BLOCKS = [1, 2, 3, 5, 10, 20, 50, 100]

/** Registers everything that the witness tells. */
export function create(): Metrics {
  const registry = new Registry()
  return {
    registry,
    ...aboutBlocks([registry]),
    ...aboutChain([registry]),
    ...aboutNodes([registry]),
  }
}

function aboutBlocks(registers: Registry[]): Pick<Metrics, 'block'> {
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const included = counter(
    'ballotstorm_witness_ballots_included_total',
    'Ballots in blocks read; again where a reorganisation brings them back.',
  )
  const skipped = counter(
    'ballotstorm_witness_ballots_skipped_total',
    'Ballots that the contract skipped.',
  )
  const blocks = counter('ballotstorm_witness_blocks_total', 'Blocks read.')
  const gas = counter('ballotstorm_witness_gas_used_total', 'Gas used by the blocks read.')
  const contradictions = counter(
    'ballotstorm_witness_contradictions_total',
    'Transactions whose calldata and events tell different things.',
  )
  const interval = new Histogram({
    name: 'ballotstorm_witness_block_interval_seconds',
    help: 'Seconds between the timestamps of a block and its parent.',
    buckets: INTERVAL_BUCKETS_SECONDS,
    registers,
  })
  const height = new Gauge({
    name: 'ballotstorm_witness_height_blocks',
    help: 'Height of the last block read.',
    registers,
  })
  return {
    block(block, parentTimestamp) {
      blocks.inc()
      gas.inc(block.gasUsed)
      included.inc(block.casts.length)
      skipped.inc(block.skips.length)
      contradictions.inc(block.contradictions.length)
      height.set(block.number)
      if (parentTimestamp !== undefined) interval.observe(block.timestamp - parentTimestamp)
    },
  }
}

function aboutChain(registers: Registry[]): Pick<Metrics, 'final' | 'reorganised' | 'disagreeing'> {
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const final = counter('ballotstorm_witness_ballots_final_total', 'Ballots final by the rule.')
  const dropped = counter(
    'ballotstorm_witness_ballots_dropped_total',
    'Ballots in blocks that a reorganisation dropped.',
  )
  const reorganisations = counter(
    'ballotstorm_witness_reorganisations_total',
    'Reorganisations seen.',
  )
  const depth = new Histogram({
    name: 'ballotstorm_witness_reorganisation_depth_blocks',
    help: 'Blocks dropped by a reorganisation.',
    buckets: DEPTH_BUCKETS_BLOCKS,
    registers,
  })
  const height = new Gauge({
    name: 'ballotstorm_witness_final_height_blocks',
    help: 'Height of the last final block.',
    registers,
  })
  const disagreeing = new Gauge({
    name: 'ballotstorm_witness_nodes_disagreeing',
    help: 'Nodes with another block at a height at which ours is final.',
    registers,
  })
  return {
    final(number, ballotCount) {
      final.inc(ballotCount)
      height.set(number)
    },
    reorganised(entries) {
      reorganisations.inc()
      depth.observe(entries.length)
      dropped.inc(entries.reduce((sum, { ballotCount }) => sum + ballotCount, 0))
    },
    disagreeing: (nodeCount) => disagreeing.set(nodeCount),
  }
}

function aboutNodes(
  registers: Registry[],
): Pick<Metrics, 'heard' | 'failed' | 'refused' | 'reading'> {
  const height = new Gauge({
    name: 'ballotstorm_witness_node_height_blocks',
    help: 'Height by node.',
    labelNames: ['node'],
    registers,
  })
  const lag = new Gauge({
    name: 'ballotstorm_witness_lag_blocks',
    help: 'Blocks that a node has and the witness has not read yet.',
    labelNames: ['node'],
    registers,
  })
  const errors = new Counter({
    name: 'ballotstorm_witness_rpc_errors_total',
    help: 'Questions to a node without a usable answer.',
    labelNames: ['node', 'kind'],
    registers,
  })
  const refused = new Counter({
    name: 'ballotstorm_witness_blocks_refused_total',
    help: 'Blocks that a node showed and that do not hold.',
    labelNames: ['node'],
    registers,
  })
  const reader = new Gauge({
    name: 'ballotstorm_witness_reading_node',
    help: '1 for the node that blocks are read from.',
    labelNames: ['node'],
    registers,
  })
  const changes = new Counter({
    name: 'ballotstorm_witness_reader_changes_total',
    help: 'Times that the witness turned to another node.',
    registers,
  })
  let readingNode: string | undefined
  return {
    heard(node, nodeHeight, ours) {
      height.set({ node }, nodeHeight)
      lag.set({ node }, Math.max(0, nodeHeight - (ours ?? nodeHeight)))
    },
    failed: (node, kind) => errors.inc({ node, kind }),
    refused: (node) => refused.inc({ node }),
    reading(node) {
      if (readingNode !== undefined) {
        changes.inc()
        reader.set({ node: readingNode }, 0)
      }
      reader.set({ node }, 1)
      readingNode = node
    },
  }
}

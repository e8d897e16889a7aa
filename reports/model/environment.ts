import type { Network, Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { networkName } from './networkName.ts'

/** Facts about one part of the rig. */
export type EnvironmentGroup = { name: string; rows: { name: string; value: string }[] }

/** Where the run took place: what a reader needs in order to believe or to repeat the figures. */
export function environment(run: Run): EnvironmentGroup[] {
  return [
    loadGroup(run),
    networkGroup(run),
    blocksGroup(run),
    machineGroup(run),
    databaseGroup(run),
    prometheusGroup(run),
    toolsGroup(run),
  ]
}

function loadGroup({ load, electorate, generator }: Run): EnvironmentGroup {
  const { p50, p99, max } = generator.lateMs
  const late =
    p99 === null
      ? Format.NO_SAMPLES
      : `p50 ${Format.durationMs(p50)}, p99 ${Format.durationMs(p99)}, most ${Format.durationMs(max)}`
  return group('Load', [
    ['Profile', load.description],
    ['Path', load.path === 'api' ? 'to the voting API' : 'to the JSON-RPC of the nodes'],
    ['Storm, then drain', `${Format.durationMs(load.stormMs)}, ${Format.durationMs(load.drainMs)}`],
    ['Electorate', Format.counted(electorate.size, 'voter')],
    ['Sent late by', late],
    ['CPU of the generator', `${Format.number(generator.cpuS)} CPU-s`],
  ])
}

function networkGroup({ network, deployment }: Run): EnvironmentGroup {
  if (network === null) return group('Network', [['Part of this design', 'no']])
  return group('Network', [
    ['Kind', networkName(network)],
    ['Client', network.clientVersion],
    ['Block time', Format.durationMs(network.blockTimeMs)],
    ['Gas limit', `${Format.number(network.gasLimit / 1e6)} million a block`],
    ['Finality rule', finalityRule(network.finality)],
    ['Chain id', String(network.chainId)],
    ['Genesis', network.genesisHash],
    ...(deployment === null ? [] : whereBallotsAre(deployment)),
  ])
}

/** What an outsider needs to recount the ballots. */
function whereBallotsAre({
  contract,
  fromBlock,
}: NonNullable<Run['deployment']>): [string, string][] {
  return [
    ['Contract', `${contract}, from block ${Format.count(fromBlock)}`],
    ['Audit it', 'npm run storm -- verify --rpc <node> --run <run folder>'],
  ]
}

function blocksGroup({ blocks, network }: Run): EnvironmentGroup {
  // What the witness of a database reads is no block.
  if (network === null) return group('Blocks', [['Part of this design', 'no']])
  const { p50, max } = blocks.intervalMs
  return group('Blocks', [
    ['Seen', Format.count(blocks.count)],
    ['Interval', `p50 ${Format.durationMs(p50)}, longest ${Format.durationMs(max)}`],
    [
      'Gas for a ballot',
      blocks.gasPerBallot === null ? Format.NO_SAMPLES : Format.count(blocks.gasPerBallot),
    ],
    [
      'Bytes for a ballot',
      blocks.bytesPerBallot === null || blocks.bytesPerBallot === undefined
        ? Format.NO_SAMPLES
        : Format.count(blocks.bytesPerBallot),
    ],
    [
      'Reorganisations',
      blocks.reorgCount === 0
        ? 'none seen'
        : `${Format.count(blocks.reorgCount)}, deepest ${Format.counted(blocks.reorgDepthMax, 'block')}`,
    ],
  ])
}

function machineGroup({ machine, counts }: Run): EnvironmentGroup {
  const parts = Object.entries(machine.cpuSByProcess).toSorted(([, a], [, b]) => b - a)
  const each = (cpuS: number): string =>
    counts.final === 0 ? '' : `, ${Format.number((cpuS / counts.final) * 1000)} per 1,000 final`
  return group('Machine', [
    ['Size', `${Format.counted(machine.cores, 'core')}, ${Format.bytes(machine.memoryBytes)}`],
    ['Taken by the hypervisor', Format.share(machine.stealShare)],
    ['Taken by other processes', Format.share(machine.foreignCpuShare)],
    ['Greatest clock drift in a minute', Format.durationMs(machine.clockDriftMsMax)],
    ...parts.map(([name, cpuS]): Row => [
      `CPU of ${name}`,
      `${Format.number(cpuS)} CPU-s${each(cpuS)}`,
    ]),
  ])
}

function databaseGroup({ database }: Run): EnvironmentGroup {
  if (database === null) return group('Database', [['Part of this design', 'no']])
  return group('Database', [
    ['Version', database.version],
    ['fsync', database.fsync],
    ['synchronous_commit', database.synchronousCommit],
    ['full_page_writes', database.fullPageWrites],
    [
      'WAL syncs in the storm',
      database.walSyncs === null ? 'unknown' : Format.count(database.walSyncs),
    ],
    ['Filesystem', database.filesystem],
    ['One fsync, p50', Format.durationMs(database.fsyncMsP50)],
  ])
}

function prometheusGroup({ prometheus }: Run): EnvironmentGroup {
  if (prometheus === null) {
    return group('Prometheus', [['Used', 'no; the series are the harness’s own']])
  }
  const deviation = prometheus.counterDeviationMax
  return group('Prometheus', [
    ['Version', prometheus.version],
    [
      'Counters against the history',
      deviation === null
        ? 'not compared'
        : deviation === 0
          ? 'equal'
          : `differ by ${Format.share(Math.min(deviation, 1))} at most`,
    ],
  ])
}

function toolsGroup({ tools }: Run): EnvironmentGroup {
  return group(
    'Tools',
    tools.map(({ name, version, source }): Row => [name, `${version} (${source})`]),
  )
}

type Row = readonly [name: string, value: string]

function group(name: string, rows: readonly Row[]): EnvironmentGroup {
  return { name, rows: rows.map(([row, value]) => ({ name: row, value })) }
}

function finalityRule(finality: Network['finality']): string {
  if (finality.kind === 'instant') return 'instant: with its inclusion'
  if (finality.kind === 'tag') return 'the finalized tag of the node'
  return `${Format.counted(finality.depth, 'block')} on top, same hash on a majority of nodes`
}

import type { Capacity, Entry, Phase } from '../../metrics/Comparison.ts'
import type { Run } from '../../metrics/Run.ts'
import * as Capacities from '../../metrics/verdict/capacity.ts'
import type { Pairing } from './CompareOptions.ts'

const S_PER_DAY = 86_400

/** What the two runs of a design say, side by side with the others'. */
export function entryOf(
  { design, network }: Pairing,
  runs: { plan: Run | undefined; saturation: Run | undefined; notes: readonly string[] },
): Entry {
  const { plan, saturation } = runs
  const any = plan ?? saturation
  const { name, description, trusted, readerChecks, witness } = design
  return {
    design: name,
    description,
    trusted,
    readerChecks,
    witness,
    network: network ?? 'none',
    validators: any?.network.validators ?? 0,
    gasLimit: any?.network.gasLimit ?? 0,
    plan: plan === undefined ? null : phaseOf(plan),
    saturation: saturation === undefined ? null : phaseOf(saturation),
    capacity: saturation === undefined ? null : capacityOf(saturation, plan),
    notes: [...runs.notes],
  }
}

function phaseOf(run: Run): Phase {
  const { planned, ok, final, pending } = run.counts
  const per1000 = (seconds: number): number | null =>
    final === 0 ? null : (seconds * 1000) / final
  const cpu = run.machine.cpuSByProcess
  const cpuOf = (isMeant: (name: string) => boolean): number =>
    Object.entries(cpu).reduce((sum, [name, seconds]) => sum + (isMeant(name) ? seconds : 0), 0)
  return {
    runId: run.id,
    load: run.load.description,
    validity: run.validity,
    verdict: run.verdict,
    counts: { planned, ok, final, pending, findings: run.findings.count },
    latencyMs: { ack: run.latencyMs.ack, finality: run.latencyMs.finality },
    reorganisations: run.blocks.reorgCount,
    gasPerBallot: run.network.kind === 'none' ? null : run.blocks.gasPerBallot,
    bytesPerBallot: run.network.kind === 'none' ? null : (run.blocks.bytesPerBallot ?? null),
    cpuSPer1000: {
      nodes: run.network.kind === 'none' ? null : per1000(cpuOf(isNode)),
      system: per1000(cpuOf((name) => SYSTEM_PARTS.has(name))),
      generator: per1000(run.generator.cpuS),
    },
    stealShare: run.machine.stealShare,
    foreignCpuShare: run.machine.foreignCpuShare,
  }
}

const SYSTEM_PARTS = new Set(['api', 'relayer', 'postgres'])

/** The processes of the networks are called so by those who start them. */
function isNode(name: string): boolean {
  return /^(validator|observer|anvil)/.test(name)
}

/** Nothing follows from a run whose books name a breach: it may have been fast at losing ballots. */
function capacityOf(run: Run, plan: Run | undefined): Capacity | null {
  if (run.findings.count > 0) return null
  const unloadedMs = plan?.latencyMs.finality.p50 ?? run.network.blockTimeMs
  const found = Capacities.capacity({ series: run.series, unloadedMs })
  if (found === undefined) return null
  const { perS, isSaturated, fromS, untilS, queue } = found
  const daysFor = (ballots: number): number => ballots / perS / S_PER_DAY
  return {
    perS,
    isSaturated,
    windowS: untilS - fromS,
    queue,
    days: {
      ballots220k: daysFor(220_000),
      ballots2M: daysFor(2_000_000),
      ballots12M: daysFor(12_000_000),
    },
    blockFillShare: blockFillShare(run, perS),
  }
}

/** Ballots in the average block against those that its gas limit holds. */
function blockFillShare({ blocks, network }: Run, perS: number): number | null {
  const { gasPerBallot } = blocks
  if (network.kind === 'none' || gasPerBallot === null || gasPerBallot === 0) return null
  const held = Math.floor(network.gasLimit / gasPerBallot)
  return held === 0 ? null : (perS * network.blockTimeMs) / 1000 / held
}

import type { Capacity, Entry, Phase } from '../Comparison.ts'
import type { Run } from '../Run.ts'
import * as Capacities from './capacity.ts'
import { cpuSOf } from './parts.ts'

const S_PER_DAY = 86_400

/** A design, and the kind of network that it ran on. */
export type Pairing = {
  design: Pick<Entry, 'description' | 'trusted' | 'readerChecks' | 'witness'> & { name: string }
  network?: string | undefined
}

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
    network: network ?? null,
    validators: any?.network?.validators ?? null,
    gasLimit: any?.network?.gasLimit ?? null,
    plan: plan === undefined ? null : phaseOf(plan),
    saturation: saturation === undefined ? null : phaseOf(saturation),
    capacity: saturation === undefined ? null : capacityOf(saturation, plan),
    notes: [...runs.notes],
  }
}

function phaseOf(run: Run): Phase {
  const { planned, attempted, acknowledged, final, pending } = run.counts
  const per1000 = (seconds: number): number | null =>
    final === 0 ? null : (seconds * 1000) / final
  const cpu = run.machine.cpuSByProcess
  return {
    runId: run.id,
    load: run.load.description,
    validity: run.validity,
    verdict: run.verdict,
    counts: { planned, attempted, acknowledged, final, pending, findings: run.findings.count },
    latencyMs: { ack: run.latencyMs.ack, finality: run.latencyMs.finality },
    reorganisations: run.blocks.reorgCount,
    gasPerBallot: run.network === null ? null : run.blocks.gasPerBallot,
    bytesPerBallot: run.network === null ? null : (run.blocks.bytesPerBallot ?? null),
    cpuSPer1000: {
      nodes: run.network === null ? null : per1000(cpuSOf(cpu, 'node')),
      system: per1000(cpuSOf(cpu, 'system')),
      generator: per1000(run.generator.cpuS),
    },
    stealShare: run.machine.stealShare,
    foreignCpuShare: run.machine.foreignCpuShare,
  }
}

/**
 * Whether the load was as planned, and the run can be believed: else the generator was measured, or
 * the machine, and not the system.
 */
export function isConclusive({ validity, criteria }: Pick<Run, 'validity' | 'criteria'>): boolean {
  return validity.value === 'VALID' && criteria.unsentShare.met === true
}

/** Nothing follows from a run whose books name a breach: it may have been fast at losing ballots. */
function capacityOf(run: Run, plan: Run | undefined): Capacity | null {
  if (run.findings.count > 0 || !isConclusive(run)) return null
  const unloadedMs = plan?.latencyMs.finality.p50 ?? run.network?.blockTimeMs ?? 0
  const found = Capacities.capacity({ series: run.series, unloadedMs })
  if (found === undefined) return null
  const { perS, isSaturated, fromS, untilS, queue } = found
  const daysFor = (ballots: number): number => ballots / perS / S_PER_DAY
  return {
    perS,
    isSaturated,
    fromS,
    untilS,
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
  if (network === null || gasPerBallot === null || gasPerBallot === 0) return null
  const held = Math.floor(network.gasLimit / gasPerBallot)
  return held === 0 ? null : (perS * network.blockTimeMs) / 1000 / held
}

import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { identities } from './books.ts'
import { polls } from './polls.ts'

/** What a reader must know before believing the figures; empty on a clean run. */
export function warnings(run: Run): string[] {
  return [...bookWarnings(run), ...machineWarnings(run), ...partWarnings(run)]
}

function bookWarnings(run: Run): string[] {
  const { counts, latencyMs } = run
  const { censoredCount, count } = latencyMs.finality
  return [
    ...identities(run)
      .filter(({ balances }) => !balances)
      .map(
        ({ rule, numbers }) => `A sum of the record does not come out: ${rule}, but ${numbers}.`,
      ),
    ...polls(run)
      .listed.filter(({ standing }) => standing === 'differs')
      .map(({ pollId }) => `Poll ${pollId}: the tally of the contract differs from the recount.`),
    ...when(
      counts.pending > 0,
      `${Format.counted(counts.pending, 'acknowledged ballot')} had become neither final nor lost when the run ended.`,
    ),
    ...when(
      censoredCount > 0,
      `${Format.count(censoredCount)} of ${Format.counted(count, 'time')} to finality had no end: they count with their age at the deadline, so the true percentiles are higher.`,
    ),
  ]
}

function machineWarnings({ machine, criteria }: Run): string[] {
  return [
    ...when(
      criteria.stealShare.met === false,
      `The hypervisor took ${Format.share(machine.stealShare)} of the CPU: compare this run by CPU-seconds for 1,000 ballots, not by rates.`,
    ),
    ...when(
      criteria.foreignCpuShare.met === false,
      `Processes outside of the run took ${Format.share(machine.foreignCpuShare)} of the CPU.`,
    ),
    ...when(
      criteria.clockDriftMsMax.met === false,
      `The wall clock moved by up to ${Format.durationMs(machine.clockDriftMsMax)} against the monotonic clock within a minute.`,
    ),
  ]
}

function partWarnings({ criteria, database, prometheus, commit }: Run): string[] {
  const weak = Object.entries({
    fsync: database?.fsync,
    synchronous_commit: database?.synchronousCommit,
    full_page_writes: database?.fullPageWrites,
  }).filter(([, value]) => value === 'off')
  const deviation = prometheus?.counterDeviationMax ?? 0
  return [
    ...weak.map(
      ([name]) =>
        `The database ran with ${name} off: an acknowledged ballot could be lost in a crash.`,
    ),
    ...when(
      database?.walSyncs === 0,
      'The database synced its log not once: nothing shows that acknowledged ballots were durable.',
    ),
    ...when(
      criteria.counterDeviation.met === false,
      `Counters in Prometheus differ from the history by up to ${Format.share(Math.min(deviation, 1))}.`,
    ),
    ...when(prometheus === null, 'There was no Prometheus: the series are the harness’s own.'),
    ...when(
      commit.endsWith('+dirty') || commit === 'unknown',
      'The harness ran from a tree that no commit describes, so a repetition may differ.',
    ),
  ]
}

function when(condition: boolean, warning: string): string[] {
  return condition ? [warning] : []
}

import type { Latency, Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { breachCount } from './breaches.ts'
import type { Standing } from './headline.ts'

/** A number that carries the story, with what it is and what it is measured by. */
export type Figure = { label: string; value: string; detail: string; tone: Standing | 'plain' }

/** The key figures, in the order in which a manager asks. */
export function figures(run: Run): Figure[] {
  return [acknowledged(run), final(run), findings(run), goodput(run), finality(run), ack(run)]
}

function acknowledged({ counts }: Run): Figure {
  return {
    label: 'Ballots acknowledged',
    value: Format.shareOf(counts.acknowledged, counts.attempted),
    detail: `${Format.count(counts.acknowledged)} of ${Format.counted(counts.attempted, 'voter')} who tried; ${Format.count(counts.refused)} refused, ${Format.count(counts.indeterminate)} indeterminate, ${Format.count(counts.unsent)} of the plan unsent`,
    tone: counts.acknowledged < counts.attempted ? 'unsure' : 'plain',
  }
}

function final({ counts }: Run): Figure {
  return {
    label: 'Final in the record',
    value: counts.acknowledged === 0 ? Format.NO_SAMPLES : Format.count(counts.final),
    detail:
      counts.pending > 0
        ? `${Format.count(counts.pending)} acknowledged and still pending`
        : 'no acknowledged ballot is pending',
    tone: counts.pending > 0 ? 'unsure' : 'plain',
  }
}

function findings(run: Run): Figure {
  const found = breachCount(run)
  const empty = run.counts.attempted === 0
  return {
    label: 'Lost, doubled, altered, added',
    value: Format.count(found),
    detail: empty ? 'nothing was sent' : 'findings of the books, all kinds',
    tone: found > 0 ? 'fail' : empty ? 'plain' : 'pass',
  }
}

function goodput({ rates }: Run): Figure {
  return {
    label: 'Goodput',
    value: Format.perSecond(rates.finalPerS),
    detail: `final in the storm; offered ${Format.perSecond(rates.offeredPerS)}`,
    tone: 'plain',
  }
}

function finality({ latencyMs }: Run): Figure {
  const { p50, p99, count } = latencyMs.finality
  return {
    label: 'Time to finality, p99',
    value: Format.durationMs(p99),
    detail:
      count === 0
        ? 'no final ballot'
        : `half within ${Format.durationMs(p50)}, ${of(latencyMs.finality)}`,
    tone: 'plain',
  }
}

function ack({ latencyMs }: Run): Figure {
  const { p50, p99, count } = latencyMs.ack
  return {
    label: 'Time to the answer, p99',
    value: Format.durationMs(p99),
    detail:
      count === 0 ? 'nobody waited' : `half within ${Format.durationMs(p50)}, ${of(latencyMs.ack)}`,
    tone: 'plain',
  }
}

/** Those who waited in vain are among the samples, and are named. */
function of({ count, censoredCount }: Latency): string {
  const inVain = censoredCount === 0 ? '' : `, ${Format.count(censoredCount)} in vain`
  return `${Format.counted(count, 'sample')}${inVain}`
}

import type { Comparison, Entry } from '../../metrics/Comparison.ts'
import * as Format from '../Format.ts'
import { amount, days, multiple, nameOf, perSecond } from './figures.ts'

const TITLES = [
  'design',
  'capacity',
  '× 2017',
  '12 million',
  'ack p99',
  'final p99',
  'gas',
  'books',
]

/** The comparison for a terminal: a line a design. */
export function comparisonSummary(comparison: Comparison): string {
  const rows = comparison.entries.map((entry) => {
    const { plan, capacity } = entry
    return [
      nameOf(entry),
      perSecond(capacity),
      multiple(entry, comparison),
      days(capacity, 'ballots12M'),
      Format.durationMs(plan?.latencyMs.ack.p99 ?? null),
      Format.durationMs(plan?.latencyMs.finality.p99 ?? null),
      amount(plan?.gasPerBallot),
      books(plan?.counts),
    ]
  })
  const notes = comparison.entries.flatMap((entry) =>
    [...entry.notes, ...doubts(entry)].map((note) => `${nameOf(entry)}: ${note}`),
  )
  const all = [TITLES, ...rows]
  const widths = TITLES.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  return [...lines, ...notes].join('\n').replaceAll('\u202F', ' ')
}

/** Phases that are not to be believed, with the first reason. */
function doubts({ plan, saturation }: Entry): string[] {
  return Object.entries({ plan, overload: saturation }).flatMap(([phase, run]) =>
    run === null || run.validity.value === 'VALID'
      ? []
      : [`the ${phase} is ${run.validity.value}. ${run.validity.reasons[0] ?? ''}`],
  )
}

function books(counts: { findings: number; pending: number } | undefined): string {
  if (counts === undefined) return '–'
  if (counts.findings > 0) return Format.counted(counts.findings, 'finding')
  return counts.pending > 0 ? `${Format.count(counts.pending)} pending` : 'balanced'
}

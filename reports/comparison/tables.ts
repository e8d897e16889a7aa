import type { Comparison, Entry, Phase } from '../../metrics/Comparison.ts'
import * as Format from '../Format.ts'
import { html, type Html, type Value } from '../html/Html.ts'
import { amount, days, multiple, nameOf, perSecond, secondsOf, share } from './figures.ts'

type Column = { title: string; isText?: boolean; cell: (entry: Entry) => Value }

/** Capacity, and what it means for a city. */
export function capacityTable(comparison: Comparison): Html {
  return table(comparison, [
    { title: 'Capacity', cell: ({ capacity }) => perSecond(capacity) },
    { title: 'Times 2017', cell: (entry) => multiple(entry, comparison) },
    { title: '220,000 ballots', cell: ({ capacity }) => days(capacity, 'ballots220k') },
    { title: '2 million', cell: ({ capacity }) => days(capacity, 'ballots2M') },
    { title: '12 million', cell: ({ capacity }) => days(capacity, 'ballots12M') },
  ])
}

/** Who must be believed, and who can look. */
export function trustTable(comparison: Comparison): Html {
  return table(comparison, [
    { title: 'One must trust', isText: true, cell: ({ trusted }) => trusted },
    {
      title: 'A reader of the chain checks',
      isText: true,
      cell: ({ readerChecks }) => readerChecks,
    },
    { title: 'Books held against', isText: true, cell: ({ witness }) => WITNESSES[witness] },
  ])
}

const WITNESSES: Readonly<Record<Entry['witness'], string>> = {
  chain: 'the chain',
  mirror: 'the mirror on the chain, not the record itself',
  database: 'the database itself: not independent',
}

/** The same load for all: what a voter waits, and whether the books balance. */
export function planTable(comparison: Comparison): Html {
  return table(comparison, [
    { title: 'Acknowledged, p50', cell: (entry) => latency(entry, 'ack', 'p50') },
    { title: 'p99', cell: (entry) => latency(entry, 'ack', 'p99') },
    { title: 'Final, p50', cell: (entry) => latency(entry, 'finality', 'p50') },
    { title: 'p99', cell: (entry) => latency(entry, 'finality', 'p99') },
    { title: 'Books', cell: ({ plan }) => booksOf(plan) },
    { title: 'Run', cell: ({ plan }) => standing(plan) },
  ])
}

/** What a ballot costs, under the plan. */
export function costTable(comparison: Comparison): Html {
  return table(comparison, [
    { title: 'Gas a ballot', cell: ({ plan }) => amount(plan?.gasPerBallot) },
    { title: 'Bytes on chain', cell: ({ plan }) => amount(plan?.bytesPerBallot) },
    {
      title: 'CPU-s per 1,000: nodes',
      cell: ({ saturation }) => amount(saturation?.cpuSPer1000.nodes),
    },
    {
      title: 'API, relayer, database',
      cell: ({ saturation }) => amount(saturation?.cpuSPer1000.system),
    },
    { title: 'generator', cell: ({ saturation }) => amount(saturation?.cpuSPer1000.generator) },
  ])
}

/** The overload: how it went, so that nobody takes a disturbed figure for a capacity. */
export function saturationTable(comparison: Comparison): Html {
  return table(comparison, [
    { title: 'Offered', isText: true, cell: ({ saturation }) => saturation?.load ?? '–' },
    { title: 'Sent', cell: ({ saturation }) => sentOf(saturation) },
    { title: 'Measured over', cell: ({ capacity }) => secondsOf(capacity) },
    { title: 'Queue', isText: true, cell: ({ capacity }) => capacity?.queue ?? '–' },
    { title: 'Block filled', cell: ({ capacity }) => share(capacity?.blockFillShare) },
    { title: 'Books', cell: ({ saturation }) => booksOf(saturation) },
    { title: 'Taken by others', cell: ({ saturation }) => takenOf(saturation) },
    { title: 'Run', cell: ({ saturation }) => validityOf(saturation) },
  ])
}

function latency({ plan }: Entry, clock: 'ack' | 'finality', point: 'p50' | 'p99'): string {
  return Format.durationMs(plan?.latencyMs[clock][point] ?? null)
}

function booksOf(phase: Phase | null): Html {
  if (phase === null) return html`–`
  const { findings, pending, final } = phase.counts
  if (findings > 0) {
    return html`<strong class="badge fail">${Format.counted(findings, 'finding')}</strong>`
  }
  if (pending > 0) {
    return html`<strong class="badge unsure">${Format.count(pending)} pending</strong>`
  }
  const kind = phase.validity.value === 'VALID' ? 'pass' : 'unsure'
  return html`${Format.count(final)} final <strong class="badge ${kind}">balanced</strong>`
}

/** Of what was planned that which left the generator. */
function sentOf(phase: Phase | null): string {
  if (phase === null) return '–'
  const { attempted, planned } = phase.counts
  return `${Format.count(attempted)} of ${Format.count(planned)}`
}

/** Under an overload a missed objective says nothing; whether the run can be believed does. */
function validityOf(phase: Phase | null): Html {
  if (phase === null) return html`–`
  const { value } = phase.validity
  const kind = value === 'VALID' ? 'pass' : 'unsure'
  return html`<a href="${phase.runId}/report.html"
    ><strong class="badge ${kind}">${value}</strong></a
  >`
}

function standing(phase: Phase | null): Html {
  if (phase === null) return html`–`
  const { value } = phase.validity
  const kind = value === 'VALID' ? (phase.verdict.value === 'PASS' ? 'pass' : 'fail') : 'unsure'
  const word = value === 'VALID' ? phase.verdict.value : value
  return html`<a href="${phase.runId}/report.html"
    ><strong class="badge ${kind}">${word}</strong></a
  >`
}

/** Steal and the work of others, the greater of both. */
function takenOf(phase: Phase | null): string {
  return phase === null ? '–' : share(Math.max(phase.stealShare, phase.foreignCpuShare))
}

function table({ entries }: Comparison, columns: readonly Column[]): Html {
  return html`<table class="facts designs">
    <thead>
      <tr>
        <th scope="col">Design</th>
        ${columns.map(
          ({ title, isText }) => html`<th scope="col" class="${kindOf(isText)}">${title}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) =>
          html`<tr>
            <th scope="row">${nameOf(entry)}</th>
            ${columns.map(
              ({ title, isText, cell }) =>
                html`<td class="${kindOf(isText)}" data-title="${title}">${cell(entry)}</td>`,
            )}
          </tr> `,
      )}
    </tbody>
  </table> `
}

function kindOf(isText: boolean | undefined): string {
  return isText === true ? 'text' : 'number'
}

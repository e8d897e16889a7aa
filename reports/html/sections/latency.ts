import type { Chart } from '../../charts/Chart.ts'
import type { LatencyColumn } from '../../model/latencies.ts'
import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { figure } from './figure.ts'
import { section } from './section.ts'

/** The three clocks of a ballot, as a picture and as a table. */
export function latency({ latencies }: Report, chart: Chart | undefined): Html {
  return section(
    { id: 'latency', title: 'Latency', reader: 'For engineers' },
    html`<p>
        All times run from the instant at which the plan wanted a ballot sent, so a generator or a
        system that stalls cannot hide its delay. They cover every acknowledged ballot: one whose
        end was not seen (unfinished) counts with its age at the deadline.
      </p>
      ${chart === undefined ? undefined : figure(chart)} ${table(latencies)}`,
  )
}

function table(columns: readonly LatencyColumn[]): Html {
  const names = columns[0]?.percentiles.map(({ name }) => name) ?? []
  const rows = names.map((name, index) =>
    row(
      name,
      columns.map(({ percentiles }) => percentiles[index]?.value ?? ''),
    ),
  )
  const meanings = columns.map(
    ({ name, meaning }) =>
      html`<dt>${name}</dt>
        <dd>${meaning}</dd>`,
  )
  return html`<table class="latency">
      <thead>
        <tr>
          <td></td>
          ${columns.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
      <tbody class="counts">
        ${row(
          'samples',
          columns.map(({ count }) => count),
        )}${row(
          'unfinished',
          columns.map(({ censored }) => censored),
        )}
      </tbody>
    </table>
    <dl class="meanings">${meanings}</dl> `
}

function row(name: string, values: readonly string[]): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    ${values.map((value) => html`<td class="number">${value}</td>`)}
  </tr> `
}

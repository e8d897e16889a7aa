import type { Chart } from '../../charts/Chart.ts'
import { html, type Html } from '../Html.ts'
import { figure } from './figure.ts'
import { section } from './section.ts'

/** How the storm went, second by second. */
export function overTime(charts: readonly Chart[]): Html {
  return section(
    { id: 'over-time', title: 'Throughput and finality over time', reader: 'For engineers' },
    charts.length === 0
      ? html`<p>The record holds no series: nothing was measured over time.</p>`
      : charts.map(figure),
  )
}

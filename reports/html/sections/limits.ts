import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { section } from './section.ts'

/** What the figures above cannot show, and what the run noted about itself. */
export function limits(report: Report): Html {
  return section(
    { id: 'limits', title: 'What this run cannot show', reader: 'For everybody' },
    html`<ul>
        ${report.limits.map((limit) => html`<li>${limit}</li>`)}
      </ul>
      ${
        report.notes.length === 0
          ? undefined
          : html`<h3>Noted by the run</h3>
              <ul>
                ${report.notes.map((note) => html`<li>${note}</li>`)}
              </ul>`
      }`,
  )
}

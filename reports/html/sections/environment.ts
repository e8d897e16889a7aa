import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { section } from './section.ts'

/** The rig: load, network, machine, database and tools, as far as figures depend on them. */
export function environment(report: Report): Html {
  const groups = report.environment.map(
    ({ name, rows }) =>
      html`<div>
        <h3>${name}</h3>
        <dl>
          ${rows.map(
            (row) =>
              html`<div>
                <dt>${row.name}</dt>
                <dd>${row.value}</dd>
              </div>`,
          )}
        </dl>
      </div> `,
  )
  return section(
    { id: 'environment', title: 'The environment', reader: 'For engineers' },
    html`<div class="groups">${groups}</div>`,
  )
}

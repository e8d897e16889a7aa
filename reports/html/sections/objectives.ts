import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { section } from './section.ts'

const TONES = { met: 'pass', missed: 'fail', unknown: 'unsure' } as const

/** What was asked of the system, and what it did. */
export function objectives(report: Report): Html {
  const frame = { id: 'objectives', title: 'Objectives', reader: 'For the decision' } as const
  if (report.objectives.length === 0)
    return section(frame, html`<p>The scenario sets no objectives.</p>`)
  const rows = report.objectives.map(
    ({ name, limit, measured, met }) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td class="number">${limit}</td>
        <td class="number">${measured}</td>
        <td><strong class="badge ${TONES[met]}">${met}</strong></td>
      </tr> `,
  )
  return section(
    frame,
    html`<table class="objectives">
      <thead>
        <tr>
          <th scope="col">Objective</th>
          <th scope="col" class="number">Limit</th>
          <th scope="col" class="number">Measured</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table> `,
  )
}

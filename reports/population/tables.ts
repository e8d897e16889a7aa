import { html, type Html } from '../html/Html.ts'
import type { Calibration, Row } from './Calibration.ts'
import { deviation, figure, isWithin, tolerance } from './figures.ts'

/** Each published fact, what was counted under each seed, and how far the farthest is off. */
export function publishedTable({ rows }: Calibration): Html {
  const published = rows.filter(({ kind }) => kind === 'published')
  if (published.length === 0) return html`<p>The city model names no published fact.</p>`
  return table(
    ['Fact', 'Published', 'Counted', 'Deviation'],
    published.map(
      (row) =>
        html`<tr>
          ${nameCell(row)}
          <td class="number" data-title="Published">${figure(row.expected)}</td>
          <td class="number" data-title="Counted">${countedCell(row)}</td>
          <td class="number" data-title="Deviation">
            ${deviation(row)}<small>${tolerance(row)}</small> ${badge(row)}
          </td>
        </tr> `,
    ),
  )
}

/** What must hold in any city, and what chance allows. */
export function modelTable({ rows }: Calibration): Html {
  return table(
    ['Statement', 'Expected', 'Counted', 'Allowed'],
    rows
      .filter(({ kind }) => kind === 'model')
      .map(
        (row) =>
          html`<tr>
            ${nameCell(row)}
            <td class="number" data-title="Expected">${figure(row.expected)}</td>
            <td class="number" data-title="Counted">${countedCell(row)}</td>
            <td class="number" data-title="Allowed">
              ${row.low === row.high ? figure(row.low) : `${figure(row.low)} to ${figure(row.high)}`}
              ${badge(row)}
            </td>
          </tr> `,
      ),
  )
}

function table(titles: readonly string[], body: readonly Html[]): Html {
  return html`<table class="facts">
    <thead>
      <tr>
        ${titles.map((title, index) =>
          index === 0
            ? html`<th scope="col">${title}</th>`
            : html`<th scope="col" class="number">${title}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table> `
}

function nameCell({ name, source }: Row): Html {
  return html`<th scope="row">${name}<small>${source}</small></th>`
}

/** One line a seed; a single one where all agree. */
function countedCell({ counted }: Row): Html[] {
  const texts = counted.map(figure)
  const shown = new Set(texts).size === 1 ? texts.slice(0, 1) : texts
  return shown.map((text) => html`<div>${text}</div>`)
}

function badge(row: Row): Html {
  return isWithin(row)
    ? html`<strong class="badge pass">within</strong>`
    : html`<strong class="badge fail">off</strong>`
}

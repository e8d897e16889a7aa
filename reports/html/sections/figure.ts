import type { Chart, LegendEntry } from '../../charts/Chart.ts'
import { html, trusted, type Html } from '../Html.ts'

/** A chart with its title, its legend and where it comes from; the page picks the drawing by width. */
export function figure(chart: Chart): Html {
  const { id, title, description, legend, source, wide, narrow } = chart
  return html`<figure id="chart-${id}" role="group" aria-label="${title}">
    <figcaption>
      <h3>${title}</h3>
      <ul class="legend">
        ${legend.map(entry)}
      </ul>
    </figcaption>
    <div class="drawing" role="img" aria-label="${description}">
      <div class="wide">${trusted(wide)}</div>
      <div class="narrow">${trusted(narrow)}</div>
    </div>
    <p class="source">${source}</p>
  </figure> `
}

function entry({ name, colour, dashed }: LegendEntry): Html {
  const dash = dashed === true ? ' stroke-dasharray="5 3"' : ''
  const stroke = `<line x1="1" y1="5" x2="21" y2="5" stroke="${colour}" stroke-width="3"${dash}/>`
  return html`<li>
    ${trusted(`<svg viewBox="0 0 22 10" aria-hidden="true">${stroke}</svg>`)}${name}
  </li>`
}

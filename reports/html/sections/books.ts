import type { BooksLine, Identity, ListedFinding } from '../../model/books.ts'
import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { section } from './section.ts'

/** What voters were told, held against the record: sums, findings, and the evidence for each. */
export function books(report: Report): Html {
  return section(
    { id: 'books', title: 'The books', reader: 'For security analysts' },
    html`<p>
        What each voter was told, as the generator wrote it down, is held ballot by ballot against
        ${report.books.witness}.
      </p>
      <ul class="identities">
        ${report.books.identities.map(identity)}
      </ul>
      <div class="pair">
        <div>
          <h3>What became of the ballots</h3>
          ${lines(report.books.outcomes)}
        </div>
        <div>
          <h3>Findings by kind</h3>
          ${lines(report.books.findings)}
        </div>
      </div>
      ${findings(report.books.listed, report.books.cut)}`,
  )
}

function identity({ rule, numbers, balances }: Identity): Html {
  return html`<li class="${balances ? 'pass' : 'fail'}">
    <span>${rule}</span> <code>${numbers}</code>
    <strong class="badge ${balances ? 'pass' : 'fail'}"
      >${balances ? 'balances' : 'does not balance'}</strong
    >
  </li> `
}

function lines(all: readonly BooksLine[]): Html {
  const rows = all.map(
    ({ name, meaning, count, bad }) =>
      html`<tr class="${bad ? 'bad' : ''}">
        <th scope="row">${name}<small>${meaning}</small></th>
        <td class="number">${count}</td>
      </tr> `,
  )
  return html`<table class="lines">
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function findings(listed: readonly ListedFinding[], cut: string | undefined): Html | undefined {
  if (listed.length === 0) {
    return cut === undefined
      ? html`<p class="clean">
          No findings: nothing in the record differs from what voters were told.
        </p>`
      : html`<p>${cut}</p>`
  }
  return html`<h3>The findings, with evidence</h3>
    ${cut === undefined ? undefined : html`<p>${cut}</p>`}
    <ol class="findings">
      ${listed.map(finding)}
    </ol> `
}

function finding({ kind, where, message, evidence }: ListedFinding): Html {
  const pairs = evidence.map(
    ({ name, value }) =>
      html`<div>
        <dt>${name}</dt>
        <dd><code>${value}</code></dd>
      </div>`,
  )
  return html`<li>
    <p><strong class="badge fail">${kind}</strong> <span class="where">${where}</span></p>
    <p>${message}</p>
    <dl>${pairs}</dl>
  </li> `
}

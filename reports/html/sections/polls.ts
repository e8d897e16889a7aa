import * as Format from '../../Format.ts'
import type { PollTally } from '../../model/polls.ts'
import type { Report } from '../../Report.ts'
import { html, trusted, type Html } from '../Html.ts'
import { section } from './section.ts'

const STANDINGS = {
  agrees: ['pass', 'tally and recount agree'],
  differs: ['fail', 'tally and recount differ'],
  unread: ['unsure', 'tally not read'],
} as const

/** Each poll's result twice: the contract's own tally, and our recount of final ballots. */
export function polls(report: Report): Html {
  const { listed, summary } = report.polls
  return section(
    { id: 'polls', title: 'Polls: the tally beside the recount', reader: 'For security analysts' },
    listed.length === 0
      ? html`<p>The record holds no poll.</p>`
      : html`${summary.map((sentence) => html`<p>${sentence}</p> `)}${listed.map(poll)}`,
  )
}

function poll({ pollId, question, options, standing }: PollTally): Html {
  const [tone, words] = STANDINGS[standing]
  const rows = options.map(
    ({ name, tally, recount, share, agrees }) =>
      html`<tr class="${agrees ? '' : 'bad'}">
        <th scope="row"><bdi>${name}</bdi>${bar(share)}</th>
        <td class="number">${tally}</td>
        <td class="number">${recount}<small>${Format.share(share)}</small></td>
      </tr> `,
  )
  return html`<article class="poll">
    <h3><small>Poll ${pollId}</small> <bdi>${question}</bdi></h3>
    <table>
      <thead>
        <tr>
          <th scope="col">Option</th>
          <th scope="col" class="number">Contract</th>
          <th scope="col" class="number">Recount</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p><strong class="badge ${tone}">${words}</strong></p>
  </article> `
}

function bar(share: number): Html {
  const width = (share * 100).toFixed(1)
  return trusted(
    `<span class="bar" aria-hidden="true"><span style="width:${width}%"></span></span>`,
  )
}

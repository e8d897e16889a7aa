import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'
import { section } from './section.ts'

/** How to get the same city, the same ballots and the same instants again. */
export function repeat(report: Report): Html {
  return section(
    { id: 'repeat', title: 'Repeat this run', reader: 'For engineers' },
    html`<pre><code>${report.repeat.command}</code></pre>
      <dl class="repeat">
        <div>
          <dt>Seed</dt>
          <dd><code>${report.repeat.seed}</code></dd>
        </div>
        <div>
          <dt>Commit</dt>
          <dd><code>${report.repeat.commit}</code></dd>
        </div>
      </dl>
      <p>
        The same seed gives the same voters, ballots and instants, byte for byte. What the machine
        and the network make of them differs from run to run.
      </p>`,
  )
}

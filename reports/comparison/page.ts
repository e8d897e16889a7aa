import type { Comparison, Entry } from '../../metrics/Comparison.ts'
import * as Format from '../Format.ts'
import { document } from '../html/document.ts'
import { html, type Html } from '../html/Html.ts'
import { figure } from '../html/sections/figure.ts'
import { section } from '../html/sections/section.ts'
import { capacities } from './capacities.ts'
import { multiple, nameOf, perSecond, REFERENCE } from './figures.ts'
import { capacityTable, costTable, planTable, saturationTable, trustTable } from './tables.ts'

const STYLES = ['../html/facts.css', 'comparison.css'].map((file) => new URL(file, import.meta.url))

/** Several designs side by side as one self-contained file. The same record gives the same bytes. */
export function page(comparison: Comparison): string {
  const { entries } = comparison
  return document({
    title: 'Designs side by side · ballotstorm',
    styles: STYLES,
    head: head(comparison),
    main: html`${section({ id: 'capacity', title: 'How fast', reader: 'For the decision' }, [
      capacityTable(comparison),
      entries.length === 0 ? undefined : figure(capacities(comparison)),
    ])}
    ${section(
      { id: 'trust', title: 'If we trust whom', reader: 'For the decision' },
      trustTable(comparison),
    )}
    ${section(
      { id: 'plan', title: 'What a voter waits', reader: 'For everybody' },
      planTable(comparison),
    )}
    ${section({ id: 'cost', title: 'What a ballot costs', reader: 'For engineers' }, [
      costTable(comparison),
      html`<p class="source">
        Gas and bytes under the plan, where small batches share little; CPU under the overload, by
        final ballot.
      </p>`,
    ])}
    ${section(
      { id: 'saturation', title: 'How the limit was found', reader: 'For engineers' },
      saturationTable(comparison),
    )}
    ${section(
      { id: 'limits', title: 'What this cannot show', reader: 'For everybody' },
      limits(comparison),
    )}
    ${section(
      { id: 'repeat', title: 'Make this comparison again', reader: 'For engineers' },
      html`<pre><code>${comparison.command}</code></pre>`,
    )}`,
    footer: html`<p>
      Made by ballotstorm, commit <code>${comparison.commit}</code>, seed
      <code>${comparison.seed}</code>, ${Format.instant(comparison.startedAt)}.
    </p>`,
  })
}

function head(comparison: Comparison): Html {
  const { entries, voters, ratePerS, cores } = comparison
  const isWhole =
    entries.length > 0 && entries.every(({ plan, capacity }) => plan !== null && capacity !== null)
  return html`<header class="${isWhole ? 'plain' : 'unsure'}">
    <div class="measure">
      <p class="eyebrow"><span>ballotstorm</span> comparison of designs</p>
      <h1>${headline(comparison)}</h1>
      <p class="lead">
        Each design under the same ${Format.perSecond(ratePerS)} of ${Format.count(voters)} voters,
        then under more than it carries; network, system and generator shared
        ${Format.counted(cores, 'core')}.
      </p>
      ${
        isWhole
          ? undefined
          : html`<p class="partial">Not every phase came to a figure; the notes below say why.</p>`
      }
    </div>
  </header> `
}

/** The fastest design of which an outside reader can check everything, against that of 2017. */
function headline(comparison: Comparison): string {
  const checkable = comparison.entries
    .filter(({ witness, capacity }) => witness === 'chain' && capacity !== null)
    .toSorted((a, b) => (b.capacity?.perS ?? 0) - (a.capacity?.perS ?? 0))
  const best = checkable.at(0)
  if (best === undefined) return 'No design that anyone can check came to a figure'
  const sentence = `${nameOf(best)} carries ${perSecond(best.capacity)}`
  const times = multiple(best, comparison)
  return times === '–' ? sentence : `${sentence}, ${times} the system of 2017`
}

function limits({ entries }: Comparison): Html {
  const notes = entries.flatMap((entry) => entry.notes.map((note) => `${nameOf(entry)}: ${note}`))
  return html`<ul>
    <li>
      All validators, the system and the generator ran on one machine: the figures compare designs
      on that machine, they do not foretell a network of several.
    </li>
    ${entries.some(isOf2017) ? html`<li>${ABOUT_2017}</li>` : undefined}
    <li>
      No design here gives ballot secrecy or freedom from receipts, and interim results are visible
      while a poll is open.
    </li>
    ${notes.map((note) => html`<li>${note}</li>`)}
  </ul>`
}

function isOf2017({ design }: Entry): boolean {
  return design === REFERENCE
}

const ABOUT_2017 =
  'The system of 2017 is rebuilt from its public interface and chain specification, on another proof-of-authority client than its own.'

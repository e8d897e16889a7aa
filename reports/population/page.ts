import * as Format from '../Format.ts'
import { document } from '../html/document.ts'
import { html, type Html } from '../html/Html.ts'
import { figure } from '../html/sections/figure.ts'
import { section } from '../html/sections/section.ts'
import type { Calibration } from './Calibration.ts'
import { arrivals } from './charts/arrivals.ts'
import { habits } from './charts/habits.ts'
import { popularity } from './charts/popularity.ts'
import { turnout } from './charts/turnout.ts'
import { modelTable, publishedTable } from './tables.ts'

const STYLES = ['population.css', '../html/facts.css'].map((file) => new URL(file, import.meta.url))

/**
 * The calibration of a city as one self-contained file. The same figures give the same bytes.
 *
 * @param command - how the page is made again.
 */
export function page(calibration: Calibration, command: string): string {
  const { city, detail } = calibration
  return document({
    title: `Population of ${city.name} · ballotstorm`,
    styles: STYLES,
    head: head(calibration),
    main: html`${section(
      {
        id: 'published',
        title: 'What is published, and what was counted',
        reader: 'For everybody',
      },
      publishedTable(calibration),
    )}
    ${section(
      { id: 'charts', title: 'The city at a glance', reader: 'For everybody' },
      [arrivals(detail), popularity(detail), turnout(detail), habits(detail)].map(figure),
    )}
    ${section(
      { id: 'model', title: 'What the model says of itself', reader: 'For engineers' },
      modelTable(calibration),
    )}
    ${section(
      { id: 'limits', title: 'What this cannot show', reader: 'For everybody' },
      limits(calibration),
    )}
    ${section(
      { id: 'repeat', title: 'Make this page again', reader: 'For engineers' },
      html`<pre><code>${command}</code></pre>`,
    )}`,
    footer: html`<p>Made by ballotstorm from the city model <code>${city.name}</code>.</p>`,
  })
}

function head({ city, problems, seeds, enumerated, votes }: Calibration): Html {
  const isSound = problems.length === 0
  const ballots = Math.min(...enumerated.ballots)
  return html`<header class="${isSound ? 'pass' : 'fail'}">
    <div class="measure">
      <p class="eyebrow"><span>ballotstorm</span> population ${city.name}</p>
      <h1>
        ${
          isSound
            ? 'The simulated city is like the published one'
            : `The simulated city is off in ${Format.counted(problems.length, 'figure')}`
        }
      </h1>
      <p class="lead">${city.description}</p>
      ${
        isSound
          ? undefined
          : html`<aside class="warnings" aria-label="What is off">
              <h2>What is off</h2>
              <ul>
                ${problems.map((problem) => html`<li>${problem}</li>`)}
              </ul>
            </aside>`
      }
      <dl class="figures">
        ${keyFigure('Voters enumerated', Math.min(...enumerated.voters), `of ${Format.count(city.registered)} registered`)}
        ${keyFigure('Ballots enumerated', ballots, `of ${Format.count(votes)} in all polls`)}
        ${keyFigure('Traced both ways', Math.min(...enumerated.followed), 'ballots of popular polls to their voters')}
        ${keyFigure('Seeds', seeds.length, seeds.join(', '))}
      </dl>
    </div>
  </header> `
}

function keyFigure(label: string, value: number, detail: string): Html {
  return html`<div class="plain">
    <dt>${label}</dt>
    <dd><strong>${Format.count(value)}</strong><small>${detail}</small></dd>
  </div> `
}

function limits({ enumerated, votes }: Calibration): Html {
  const isSample = Math.min(...enumerated.ballots) < votes
  return html`<ul>
    <li>
      Only the figures of the first table are published. How districts, ages and activity classes
      split, and the shape of the day but for its peak, are the model’s assumptions.
    </li>
    <li>
      The numbers of voters, polls and votes and the sizes of popular polls are given to the model:
      counting them shows that the population keeps them, not that it foretells them.
    </li>
    ${
      isSample
        ? html`<li>
            Not all ballots were enumerated: all of the popular polls, and those of every n-th of
            the others, which stand for the rest.
          </li>`
        : undefined
    }
  </ul>`
}

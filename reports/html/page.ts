import { readFileSync } from 'node:fs'

import type { Charts } from '../charts/charts.ts'
import type { Report } from '../Report.ts'
import { html, trusted } from './Html.ts'
import { books } from './sections/books.ts'
import { environment } from './sections/environment.ts'
import { head } from './sections/head.ts'
import { latency } from './sections/latency.ts'
import { limits } from './sections/limits.ts'
import { objectives } from './sections/objectives.ts'
import { overTime } from './sections/overTime.ts'
import { polls } from './sections/polls.ts'
import { repeat } from './sections/repeat.ts'

const STYLE = readFileSync(new URL('page.css', import.meta.url), 'utf8')

/** The page may show itself and nothing else: no script, no request, wherever the file is put. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** The whole report as one self-contained file. The same report always gives the same bytes. */
export function page(report: Report, charts: Charts): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${report.headline.text} · ${report.runId}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        ${head(report)}
        <main>
          ${objectives(report)} ${overTime(charts.overTime)} ${latency(report, charts.percentiles)}
          ${books(report)} ${polls(report)} ${environment(report)} ${limits(report)}
          ${repeat(report)}
        </main>
        <footer>
          <p>
            Made by ballotstorm from the run record <code>${report.runId}</code>. The file
            <code>run.json</code> beside it holds every figure.
          </p>
        </footer>
      </body>
    </html> `.markup
}

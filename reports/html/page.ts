import type { Charts } from '../charts/charts.ts'
import type { Report } from '../Report.ts'
import { document } from './document.ts'
import { html } from './Html.ts'
import { books } from './sections/books.ts'
import { environment } from './sections/environment.ts'
import { head } from './sections/head.ts'
import { latency } from './sections/latency.ts'
import { limits } from './sections/limits.ts'
import { objectives } from './sections/objectives.ts'
import { overTime } from './sections/overTime.ts'
import { polls } from './sections/polls.ts'
import { repeat } from './sections/repeat.ts'

/** The whole report as one self-contained file. The same report always gives the same bytes. */
export function page(report: Report, charts: Charts): string {
  return document({
    title: `${report.headline.text} · ${report.runId}`,
    head: head(report),
    main: html`${objectives(report)} ${overTime(charts.overTime)}
    ${latency(report, charts.percentiles)} ${books(report)} ${polls(report)} ${environment(report)}
    ${limits(report)} ${repeat(report)}`,
    footer: html`<p>
      Made by ballotstorm from the run record <code>${report.runId}</code>. The file
      <code>run.json</code> beside it holds every figure.
    </p>`,
  })
}

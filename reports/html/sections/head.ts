import type { Report } from '../../Report.ts'
import { html, type Html } from '../Html.ts'

/** Headline, verdict with its reasons, key figures and warnings: the part that everybody reads. */
export function head(report: Report): Html {
  const { headline } = report
  return html`<header class="${headline.standing}">
    <div class="measure">
      <p class="eyebrow"><span>ballotstorm</span> ${report.subject}</p>
      <h1>${headline.text}</h1>
      <p class="lead">${headline.sentence}</p>
      ${headline.partial === undefined ? undefined : html`<p class="partial">${headline.partial}</p>`}
      <p class="decision">${headline.decision}</p>
      ${judgements(report)} ${keyFigures(report)} ${care(report)}
      <p class="run">Run <code>${report.runId}</code>, ${report.period}</p>
      <nav aria-label="Sections">
        ${SECTIONS.map(([id, name]) => html`<a href="#${id}">${name}</a> `)}
      </nav>
    </div>
  </header> `
}

const SECTIONS = [
  ['objectives', 'Objectives'],
  ['over-time', 'Throughput and finality'],
  ['latency', 'Latency'],
  ['books', 'Books'],
  ['polls', 'Polls'],
  ['environment', 'Environment'],
  ['limits', 'Limits'],
  ['repeat', 'Repeat'],
] as const

const VALIDITY_TONES: Readonly<Record<string, string>> = { VALID: 'pass' }
const VERDICT_TONES: Readonly<Record<string, string>> = { PASS: 'pass', FAIL: 'fail' }

function judgements({ verdict, validity }: Report): Html {
  return html`<dl class="judgements">
    ${judgement('Verdict on the system', verdict, VERDICT_TONES)}
    ${judgement('Validity of the run', validity, VALIDITY_TONES)}
  </dl> `
}

function judgement(
  name: string,
  { value, reasons }: { value: string; reasons: readonly string[] },
  tones: Readonly<Record<string, string>>,
): Html {
  const list = reasons.map((reason) => html`<li>${reason}</li>`)
  return html`<div>
    <dt>${name}</dt>
    <dd>
      <strong class="badge ${tones[value] ?? 'unsure'}">${value.replaceAll('_', ' ')}</strong> ${
        reasons.length === 0
          ? undefined
          : html`<ul>
              ${list}
            </ul>`
      }
    </dd>
  </div> `
}

function keyFigures({ figures }: Report): Html {
  return html`<dl class="figures">
    ${figures.map(
      ({ label, value, detail, tone }) =>
        html`<div class="${tone}">
          <dt>${label}</dt>
          <dd><strong>${value}</strong><small>${detail}</small></dd>
        </div> `,
    )}
  </dl> `
}

function care({ warnings }: Report): Html | undefined {
  if (warnings.length === 0) return undefined
  return html`<aside class="warnings" aria-label="Read with care">
    <h2>Read with care</h2>
    <ul>
      ${warnings.map((warning) => html`<li>${warning}</li>`)}
    </ul>
  </aside> `
}

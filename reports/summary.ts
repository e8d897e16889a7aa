import type { Run } from '../metrics/Run.ts'
import { breaches } from './model/breaches.ts'
import * as Format from './Format.ts'
import * as Report from './Report.ts'

/** Colours a text, or leaves it: whoever prints knows the terminal and NO_COLOR. */
export type Paint = (colour: 'green' | 'red' | 'yellow' | 'bold' | 'dim', text: string) => string

/** Reasons and warnings shown: all objectives that were missed, and pending ballots; the report has all. */
const REASONS_MAX = 5
const WARNINGS_MAX = 3
const OBJECTIVES_MAX = 4

/** A line of a terminal; what is longer wraps and breaks the columns. */
const LINE_LENGTH_MAX = 100

const LABEL_WIDTH = 14

const COLOURS = { pass: 'green', fail: 'red', unsure: 'yellow' } as const

const VALIDITY_COLOURS = {
  VALID: 'green',
  GENERATOR_BOUND: 'yellow',
  INCONCLUSIVE: 'yellow',
} as const

const OBJECTIVE_COLOURS = { met: 'green', missed: 'red', unknown: 'yellow' } as const

/**
 * What a run came to, for a terminal: at most 25 lines, without a line break at its end.
 *
 * @param paint - plain text where it is left out.
 */
export function summary(run: Run, paint: Paint = (_, text) => text): string {
  const report = Report.from(run)
  const { headline, verdict, validity } = report
  return [
    paint(COLOURS[headline.standing], paint('bold', plain(headline.text))),
    paint('dim', plain(report.subject)),
    '',
    ...judged('verdict', verdict, painter(paint, COLOURS[headline.standing])),
    ...judged('validity', validity, painter(paint, VALIDITY_COLOURS[run.validity.value])),
    line('ballots', ballots(run)),
    ...refusals(run),
    line('books', books(run)),
    line('rates', rates(run)),
    ...report.latencies.map(({ name, percentiles, count }) =>
      line(name.toLowerCase(), latency(percentiles, count)),
    ),
    ...report.objectives.slice(0, OBJECTIVES_MAX).map(({ name, measured, limit, met }) =>
      line('objective', `: ${name} ${measured} (limit ${limit})`, {
        word: met,
        paint: painter(paint, OBJECTIVE_COLOURS[met]),
      }),
    ),
    ...report.warnings.slice(0, WARNINGS_MAX).map((warning) => line('read with care', warning)),
    ...contract(run),
    line('commit, seed', `${run.commit.slice(0, 12)}, ${run.seed}`),
    `${'repeat'.padEnd(LABEL_WIDTH + 1)}${plain(run.command)}`,
  ].join('\n')
}

type Painter = (text: string) => string

function painter(paint: Paint, colour: Parameters<Paint>[0]): Painter {
  return (text) => paint(colour, text)
}

function judged(
  label: string,
  { value, reasons }: { value: string; reasons: readonly string[] },
  paint: Painter,
): string[] {
  const [first = '', ...others] = reasons.slice(0, REASONS_MAX)
  const indent = ' '.repeat(value.length + 2)
  return [
    line(label, `  ${first}`, { word: value, paint }),
    ...others.map((reason) => line('', `${indent}${reason}`)),
  ]
}

function ballots({ counts }: Run): string {
  const { planned, unsent, acknowledged, refused, indeterminate } = counts
  return list({ planned, unsent, acknowledged, refused, indeterminate })
}

/** Where the ballots are, for `verify`. */
function contract({ deployment }: Run): string[] {
  return deployment === null
    ? []
    : [line('contract', `${deployment.contract}, from block ${deployment.fromBlock}`)]
}

function refusals(run: Run): string[] {
  if (run.refusals.length === 0) return []
  const byReason = run.refusals.map(({ reason, count }) => [reason, count])
  return [line('refused by', list(Object.fromEntries(byReason)))]
}

function books(run: Run): string {
  const { final, pending } = run.counts
  const found = breaches(run).filter(({ count }) => count > 0)
  const named = Object.fromEntries(found.map(({ name, count }) => [name.toLowerCase(), count]))
  const twice = run.signedTwice?.count ?? 0
  const own = twice === 0 ? {} : { 'signed twice by voters': twice }
  const clean = found.length === 0 && run.findings.count === 0 ? ', no findings' : ''
  return `${list({ final, pending, ...named, ...own })}${clean}${AGAINST[run.witness]}`
}

/** Whose record the books were held against, where it is not what anyone can check. */
const AGAINST: Readonly<Record<Run['witness'], string>> = {
  chain: '',
  mirror: ' (against the mirror)',
  database: ' (not independent: against the database itself)',
}

function rates(run: Run): string {
  const { offeredPerS, acknowledgedPerS, finalPerS } = run.rates
  return `offered ${Format.number(offeredPerS)}/s, acknowledged ${Format.number(acknowledgedPerS)}/s, final ${Format.number(finalPerS)}/s`
}

function latency(percentiles: readonly { name: string; value: string }[], count: string): string {
  if (count === '0') return Format.NO_SAMPLES
  const each = percentiles.map(({ name, value }) => `${name.split(' ')[0] ?? name} ${value}`)
  return `${each.join(', ')}  (n = ${count})`
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${Format.count(count)}`)
    .join(', ')
}

/** One line, cut to the terminal's width; only `word` is painted, so colours are never cut. */
function line(label: string, text: string, lead?: { word: string; paint: Painter }): string {
  const word = lead?.word ?? ''
  const room = LINE_LENGTH_MAX - LABEL_WIDTH - 1 - word.length
  const clean = plain(text)
  const rest = clean.length > room ? `${clean.slice(0, room - 1)}…` : clean
  return `${label.padEnd(LABEL_WIDTH + 1)}${lead === undefined ? '' : lead.paint(word)}${rest}`
}

/** A terminal obeys control characters, so none from a record may reach it. */
function plain(text: string): string {
  return text.replaceAll('\u202F', ' ').replace(/\p{Cc}/gu, ' ')
}

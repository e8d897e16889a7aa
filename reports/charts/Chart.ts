import type { Series } from '../../metrics/series/Series.ts'

/** A chart ready for the page: drawn twice, since text in a scaled picture is not legible. */
export type Chart = {
  /** Unique on the page. */
  id: string
  title: string
  /** What it shows, for who cannot see it. */
  description: string
  /** Names and colours of the lines, which the page writes beside the drawing. */
  legend: LegendEntry[]
  /** Where the values come from, and how they were thinned out. */
  source: string
  /** SVG for a page of 720 px and up, see page.css, and for a telephone. */
  wide: string
  narrow: string
}

export type LegendEntry = { name: string; colour: string; dashed?: boolean | undefined }

/** Size of a drawing, in CSS px. */
export type Size = { width: number; height: number }

export const WIDE: Size = { width: 960, height: 280 }
export const NARROW: Size = { width: 342, height: 230 }

/** Grid settings that keep the axes' labels inside of the drawing. */
export const LABELS_INSIDE = {
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
} as const

/** The page's own colours, so that a chart follows light, dark and print. */
export const COLOURS = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  rule: 'var(--rule)',
  offered: 'var(--offered)',
  acknowledged: 'var(--acknowledged)',
  included: 'var(--included)',
  final: 'var(--final)',
} as const

/**
 * A series with at least one value: the run's own where it has one, since what is scraped once a second
 * is at another second in Prometheus than in the blocks.
 */
export function find(all: readonly Series[], name: string): Series | undefined {
  const found = all.filter((series) => series.name === name && hasValues(series))
  return found.find(({ source }) => source === 'harness') ?? found[0]
}

/** Where the drawn series come from, as one sentence. */
export function sourceOf(drawn: readonly Series[]): string {
  const sources = new Set(drawn.map(({ source }) => source))
  if (sources.size > 1) return 'Sources: Prometheus, and the history and blocks of the run.'
  return sources.has('prometheus')
    ? 'Source: Prometheus, scraped during the run.'
    : 'Source: the history and the blocks that the run itself recorded.'
}

function hasValues({ points }: Series): boolean {
  return points.some(([, value]) => value !== null && Number.isFinite(value))
}

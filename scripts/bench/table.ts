import type { Limit, Result } from './Benchmark.ts'

/** The results as a Markdown table, which a terminal shows well enough. */
export function table(results: readonly Result[]): string {
  const head = ['benchmark', 'median', 'limit', 'rounds', 'steal', 'others', 'verdict', 'figures']
  const rows = results.map((result) => {
    const { benchmark, value, rounds, verdict, details } = result
    const { limit } = benchmark
    return [
      benchmark.name,
      format(value, limit),
      `${limit.kind === 'least' ? '≥' : '≤'} ${limit.value}${limit.unit === 'MB' ? ' MB' : '×'}`,
      `${format(Math.min(...rounds), limit)} to ${format(Math.max(...rounds), limit)} (${rounds.length})`,
      percent(result.stealShare),
      percent(result.foreignShare),
      verdict,
      details,
    ]
  })
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n')
}

function format(value: number, { unit }: Limit): string {
  return unit === 'MB' ? `${Math.round(value)} MB` : `${value.toFixed(2)}×`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

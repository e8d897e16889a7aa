import type { Calibration, Row } from './Calibration.ts'
import { deviation, figure, isWithin, tolerance } from './figures.ts'

const NAME_WIDTH = 38

/** Expected, counted, deviation, allowed. */
const FIGURE_WIDTHS = [14, 24, 11, 16]

/** The calibration for a terminal: a table of what is published, then what the model says of itself. */
export function summary({ city, seeds, enumerated, votes, rows, problems }: Calibration): string {
  const published = rows.filter(({ kind }) => kind === 'published')
  const model = rows.filter(({ kind }) => kind === 'model')
  const ballots = Math.min(...enumerated.ballots)
  return plain(
    [
      `${city.name}: ${figure(Math.min(...enumerated.voters))} voters and ${figure(ballots)} of ${figure(votes)} ballots enumerated under each of ${seeds.length} seed(s): ${seeds.join(', ')}`,
      '',
      columns('fact', ['published', 'counted', 'deviation', 'allowed']),
      ...published.map((row) =>
        columns(row.name, [figure(row.expected), counted(row), deviation(row), tolerance(row)]),
      ),
      '',
      columns('the model of itself', ['expected', 'counted', '', 'allowed']),
      ...model.map((row) =>
        columns(row.name, [figure(row.expected), counted(row), '', bounds(row)]),
      ),
      '',
      ...(problems.length === 0 ? ['Every figure is as it should be.'] : problems),
    ].join('\n'),
  )
}

/** The figure under all seeds: one number, or the least and the greatest. */
function counted(row: Row): string {
  const [least, most] = [Math.min(...row.counted), Math.max(...row.counted)]
  const text = least === most ? figure(least) : `${figure(least)}–${figure(most)}`
  return isWithin(row) ? text : `${text} !`
}

function bounds({ low, high }: Row): string {
  return low === high ? figure(low) : `${figure(low)}–${figure(high)}`
}

function columns(name: string, figures: readonly string[]): string {
  const [first = '', ...others] = wrap(name)
  const line = `${first.padEnd(NAME_WIDTH)}${figures.map((text, index) => text.padStart(FIGURE_WIDTHS[index] ?? 0)).join('')}`
  return [line.trimEnd(), ...others].join('\n')
}

/** A long name goes on in the next line, indented. */
function wrap(name: string): string[] {
  if (name.length < NAME_WIDTH) return [name]
  const cut = name.lastIndexOf(' ', NAME_WIDTH - 1)
  return [name.slice(0, cut), `  ${name.slice(cut + 1)}`]
}

/** A terminal obeys control characters, so none from a city model may reach it. */
function plain(text: string): string {
  return text.replaceAll('\u202F', ' ').replaceAll(/[^\P{Cc}\n]/gu, ' ')
}

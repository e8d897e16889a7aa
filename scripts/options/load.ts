import * as Arrivals from '../../scenarios/schedule/Arrivals.ts'
import * as Bounds from '../../scenarios/storms/bounds.ts'
import { duration, file, integer, number, segment, text } from './formats.ts'
import { inGroup, option, type Setting } from './Option.ts'

/** What is fired: how many voters and ballots, when, and by which seed. */
export const load = inGroup('Load', {
  voters: option(integer, '--voters', 'size of the electorate', {
    bounds: Bounds.VOTERS,
    usual: "the scenario's",
  }),
  ratePerS: option(number, '--rate', "ballots a second, in place of the scenario's stages", {
    placeholder: 'per second',
    bounds: Bounds.RATE_PER_S,
    withoutEffect: unless('ratePerS'),
  }),
  durationMs: option(duration, '--duration', 'length of the storm', {
    bounds: Bounds.DURATION_MS,
    usual: "the scenario's",
    withoutEffect: unless('durationMs'),
  }),
  overloadMs: option(duration, '--overload', 'length of the overload', {
    bounds: Bounds.DURATION_MS,
    default: '75s',
  }),
  overloadRatePerS: option(number, '--overload-rate', 'ballots a second of the overload', {
    placeholder: 'per second',
    bounds: Bounds.RATE_PER_S,
    usual: "the design's, for two cores",
  }),
  ballots: option(integer, '--ballots', "how many of a day's ballots are fired", {
    bounds: Bounds.BALLOTS,
    usual: "the scenario's",
    withoutEffect: unless('ballots'),
  }),
  compress: option(number, '--compress', 'a day is played so many times faster', {
    placeholder: 'times',
    bounds: Bounds.COMPRESS,
    usual: "the scenario's",
    withoutEffect: unless('compress'),
  }),
  seed: option(text, '--seed', 'electorate, ballots and instants follow from it', {
    default: '1',
    repeat: 'always',
  }),
  spoolFile: option(file, '--spool', 'ballots that `presign` has signed for this very run', {
    usual: 'signed now',
  }),
  segment: option(segment, '--segment', 'only this share of the ballots, for example 3/8', {
    usual: 'all',
  }),
})

type Figure = Parameters<typeof Arrivals.withoutEffect>[1]

/** The load of a storm has its own figures; others change nothing. */
function unless(figure: Figure): (setting: Setting) => string | undefined {
  return ({ storm }) => {
    const why = storm && Arrivals.withoutEffect(storm.arrivals, figure)
    return why && `${storm.name} ${why}`
  }
}

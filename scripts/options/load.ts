import * as Bounds from '../../scenarios/storms/bounds.ts'
import { inGroup, type Setting } from './Option.ts'
import { duration, file, integer, number, segment, text } from './values.ts'

/** What is fired: how many voters and ballots, when, and by which seed. */
export const load = inGroup('Load', {
  voters: integer({
    flag: '--voters',
    help: 'size of the electorate',
    bounds: Bounds.VOTERS,
    usual: "the scenario's",
  }),
  ratePerS: number({
    flag: '--rate',
    help: "ballots a second, in place of the scenario's stages",
    placeholder: 'per second',
    bounds: Bounds.RATE_PER_S,
    withoutEffect: ofDay,
  }),
  durationMs: duration({
    flag: '--duration',
    help: 'length of the storm',
    bounds: Bounds.DURATION_MS,
    usual: "the scenario's",
    withoutEffect: ofDay,
  }),
  overloadMs: duration({
    flag: '--overload',
    help: 'length of the overload',
    bounds: Bounds.DURATION_MS,
    default: '75s',
  }),
  ballots: integer({
    flag: '--ballots',
    help: "how many of a day's ballots are fired",
    bounds: Bounds.BALLOTS,
    usual: "the scenario's",
    withoutEffect: ofStages,
  }),
  compress: number({
    flag: '--compress',
    help: 'a day is played so many times faster',
    placeholder: 'times',
    bounds: Bounds.COMPRESS,
    usual: "the scenario's",
    withoutEffect: ofStages,
  }),
  seed: text({
    flag: '--seed',
    help: 'electorate, ballots and instants follow from it',
    default: '1',
    repeat: 'always',
  }),
  spoolFile: file({
    flag: '--spool',
    help: 'ballots that `presign` has signed for this very run',
    usual: 'signed now',
  }),
  segment: segment({
    flag: '--segment',
    help: 'only this share of the ballots, for example 3/8',
    usual: 'all',
  }),
})

function ofDay({ storm }: Setting): string | undefined {
  const isOfDay = storm?.arrivals.kind === 'day'
  return isOfDay ? `${storm.name} plays a city's day, with --ballots and --compress` : undefined
}

function ofStages({ storm }: Setting): string | undefined {
  const isOfStages = storm?.arrivals.kind === 'stages'
  return isOfStages ? `${storm.name} plays no day; it has --rate and --duration` : undefined
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { summary } from '../../reports/population/summary.ts'
import { writeCalibration } from '../../reports/population/writeCalibration.ts'
import * as cities from '../../scenarios/cities/cities.ts'
import { calibrate } from '../../scenarios/calibration/Calibration.ts'
import * as ExitCode from '../ExitCode.ts'
import * as Progress from '../Progress.ts'
import { UsageError } from '../UsageError.ts'

export type Flags = {
  /** Print the figures as one JSON object in place of the table. */
  json: boolean
  /** Folder of the page; made where it is missing. */
  out: string
  /** Separated by commas. @default '1,2,3' */
  seeds?: string | undefined
  /** Ballots enumerated under a seed at most. @default 100000000 */
  ballots?: string | undefined
}

/** Defaults of the flags; the help prints these very values. */
export const DEFAULTS = { out: 'out/population', seeds: '1,2,3', ballots: '100000000' } as const

/** What a stratified sample must hold at least, and so the least that --ballots takes. */
const BALLOTS_MIN = 1_000_000
const BALLOTS_MAX = 10_000_000_000
const SEED_COUNT_MAX = 20

/** Ballots that are followed one by one to their voter and back. */
const FOLLOWED_MIN = 1_000_000

/**
 * `population <city>`: enumerates the city's voters and ballots, holds the counts against what is
 * published, and writes a page with charts.
 *
 * @param city - the name of a shipped model, or a file that ends in `.json`.
 * @returns PASS, or OBJECTIVE_MISSED where a figure is off.
 * @throws {UsageError} with every mistake in the flags, {cities.UnknownCityError} or
 * {cities.MalformedCityError} with every mistake in the model.
 */
export function population(city: string, flags: Flags): number {
  const { seeds, ballotsMax } = parse(flags)
  const model = cities.read(city)
  const progress = Progress.create(process.stderr, () => performance.now())
  let current: string | undefined
  const begin = (seed: string | undefined): void => {
    if (seed === current) return
    current = seed
    progress.step(`voters and ballots of ${model.name} counted, seed ${seed}`)
  }
  begin(seeds[0])
  const calibration = calibrate(model, {
    seeds,
    ballotsMax,
    followedMin: FOLLOWED_MIN,
    onProgress(seed, ballots, total) {
      begin(seed)
      progress.update(`${millions(ballots)} of ${millions(total)} million ballots`)
    },
  })
  progress.done()
  mkdirSync(flags.out, { recursive: true })
  const file = join(flags.out, `${model.name}.html`)
  writeCalibration(calibration, file, command(city, flags))
  process.stdout.write(
    flags.json ? `${JSON.stringify(calibration)}\n` : `${summary(calibration)}\nPage: ${file}\n`,
  )
  return calibration.problems.length === 0 ? ExitCode.PASS : ExitCode.OBJECTIVE_MISSED
}

function parse(flags: Flags): { seeds: string[]; ballotsMax: number } {
  const problems: string[] = []
  const seeds = (flags.seeds ?? DEFAULTS.seeds).split(',').map((seed) => seed.trim())
  if (seeds.includes('') || seeds.length > SEED_COUNT_MAX || new Set(seeds).size < seeds.length) {
    problems.push(
      `--seeds: "${flags.seeds}" must be 1 to ${SEED_COUNT_MAX} different seeds, separated by commas.`,
    )
  }
  const ballotsMax = Number(flags.ballots ?? DEFAULTS.ballots)
  if (!Number.isInteger(ballotsMax) || ballotsMax < BALLOTS_MIN || ballotsMax > BALLOTS_MAX) {
    problems.push(
      `--ballots: "${flags.ballots}" must be a whole number from ${BALLOTS_MIN} to ${BALLOTS_MAX}.`,
    )
  }
  if (problems.length > 0) throw new UsageError(problems)
  return { seeds, ballotsMax }
}

function command(city: string, { seeds, ballots }: Flags): string {
  const words = ['npm run --silent storm -- population', city]
  if (seeds !== undefined) words.push('--seeds', seeds)
  if (ballots !== undefined) words.push('--ballots', ballots)
  return words.join(' ')
}

function millions(ballots: number): string {
  return (ballots / 1e6).toFixed(1)
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { summary } from '../../reports/population/summary.ts'
import { writeCalibration } from '../../reports/population/writeCalibration.ts'
import * as cities from '../../scenarios/cities/cities.ts'
import { calibrate } from '../../scenarios/calibration/Calibration.ts'
import * as ExitCode from '../ExitCode.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import * as Progress from '../Progress.ts'

const OPTIONS = commands.population.options

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
export function population(city: string, flags: Options.Flags<typeof OPTIONS>): number {
  const { seeds, ballotsMax, out, json } = Options.parse(OPTIONS, flags)
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
  mkdirSync(out, { recursive: true })
  const file = join(out, `${model.name}.html`)
  writeCalibration(calibration, file, Options.command(['population', city], OPTIONS, flags))
  process.stdout.write(
    json ? `${JSON.stringify(calibration)}\n` : `${summary(calibration)}\nPage: ${file}\n`,
  )
  return calibration.problems.length === 0 ? ExitCode.PASS : ExitCode.OBJECTIVE_MISSED
}

function millions(ballots: number): string {
  return (ballots / 1e6).toFixed(1)
}

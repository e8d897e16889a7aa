import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Value } from 'typebox/value'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as CityModel from '../population/CityModel.ts'
import { cityProblems } from '../population/cityProblems.ts'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const SUFFIX = '.json'

/** The cities that come with the project: the files of this folder. */
export function names(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .toSorted()
}

/**
 * A city model by name, or from a user's own file (what ends in `.json` is a file).
 *
 * @throws {UnknownCityError} where there is no such city or file.
 * @throws {MalformedCityError} with all mistakes of the file at once.
 */
export function read(city: string): CityModel.CityModel {
  const isFile = city.endsWith(SUFFIX)
  if (!isFile && !names().includes(city)) throw new UnknownCityError(city)
  const file = isFile ? city : join(FOLDER, `${city}${SUFFIX}`)
  const value = parse(file)
  const problems = cityProblems(value)
  if (problems.length > 0 || !Value.Check(CityModel.Schema, value)) {
    throw new MalformedCityError(file, problems)
  }
  return value
}

function parse(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new UnknownCityError(file)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MalformedCityError(file, [
      `It is no JSON: ${error instanceof Error ? error.message : String(error)}.`,
    ])
  }
}

/** There is no city model of that name. */
export class UnknownCityError extends BallotstormError {
  override readonly name = 'cities.UnknownCityError'
  readonly code = 'CITY_UNKNOWN'
  readonly exitCode = 104
  readonly remedy = 'Name one of them, or a file of your own that ends in .json.'
  constructor(city: string) {
    super(`There is no city ${city}; there are ${names().join(', ')}.`)
  }
}

/** A city model contradicts itself, or lacks something. */
export class MalformedCityError extends BallotstormError {
  override readonly name = 'cities.MalformedCityError'
  readonly code = 'CITY_MALFORMED'
  readonly exitCode = 104
  readonly remedy = 'Change the file; each line names what is wrong and where.'
  readonly problems: readonly string[]
  constructor(file: string, problems: readonly string[]) {
    super(`The city model ${file} cannot be used:\n${problems.join('\n')}`)
    this.problems = problems
  }
}

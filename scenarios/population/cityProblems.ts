import { Settings } from 'typebox/system'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

import * as CityModel from './CityModel.ts'

/** Problems that are listed; a file with more has another form altogether. */
const PROBLEM_COUNT_MAX = 200

/** Shares are written by hand: so far their sum may be from 1. */
const SHARE_TOLERANCE = 1e-6

/** All that is wrong with a city model, each as a sentence that names the place; none: it is sound. */
export function cityProblems(value: unknown): string[] {
  const problems = formProblems(value)
  if (typeof value !== 'object' || value === null) return problems
  // What depends on several places is checked where these places have the right form themselves.
  const { activities, ageBands, districts, polls, day, published, registered } = sound(value)
  if (activities !== undefined) problems.push(...repeated('activities', activities, 'id'))
  if (ageBands !== undefined) problems.push(...ageBandProblems(ageBands, activities))
  if (districts !== undefined) problems.push(...districtProblems(districts, ageBands))
  if (polls !== undefined) problems.push(...pollProblems(polls, registered))
  if (day !== undefined) problems.push(...dayProblems(day))
  if (published !== undefined) problems.push(...publishedProblems(published, polls))
  return problems.slice(0, PROBLEM_COUNT_MAX)
}

type Section = keyof typeof CityModel.SECTIONS
type Sound = {
  [Name in Section]?: Static<(typeof CityModel.SECTIONS)[Name]> | undefined
}

/** The sections whose own form is right. */
function sound(value: object): Sound {
  const given = new Map<string, unknown>(Object.entries(value))
  const { registered, activities, ageBands, districts, polls, day, published } = CityModel.SECTIONS
  return {
    registered: ifSound(registered, given.get('registered')),
    activities: ifSound(activities, given.get('activities')),
    ageBands: ifSound(ageBands, given.get('ageBands')),
    districts: ifSound(districts, given.get('districts')),
    polls: ifSound(polls, given.get('polls')),
    day: ifSound(day, given.get('day')),
    published: ifSound(published, given.get('published')),
  }
}

function ifSound<Schema extends TSchema>(
  schema: Schema,
  content: unknown,
): Static<Schema> | undefined {
  return Value.Check(schema, content) ? content : undefined
}

function formProblems(value: unknown): string[] {
  // TypeBox lists eight problems unless told otherwise.
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: PROBLEM_COUNT_MAX })
  try {
    const errors = Value.Errors(CityModel.Schema, value)
    const sentences = errors.flatMap(({ keyword, schemaPath, instancePath, params, message }) => {
      if (keyword === 'additionalProperties') return unknownKeys(instancePath, params)
      // Reported once, by the object that holds the key, or by the whole union.
      if (keyword === 'boolean' || schemaPath.includes('/anyOf/')) return []
      return [`${place(instancePath)} ${CHOICES[keyword] ?? message}.`]
    })
    return [...new Set(sentences)]
  } finally {
    Settings.Set({ maxErrors })
  }
}

function unknownKeys(instancePath: string, params: object): string[] {
  const keys = 'additionalProperties' in params ? params.additionalProperties : []
  const names = Array.isArray(keys) ? keys : []
  return names.map((key) => `${place(`${instancePath}/${key}`)} is no key of a city model.`)
}

/** What TypeBox says without the values that are allowed. */
const CHOICES: Readonly<Record<string, string>> = {
  const: `must be ${CityModel.SCHEMA}`,
  anyOf: 'must be ru or en',
  enum: `must be one of ${CityModel.FACT_KINDS.join(', ')}`,
}

/** `/districts/2/weight` as `districts[2].weight`. */
function place(instancePath: string): string {
  const path = instancePath.replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.')
  return path === '' ? 'The city model' : path.replace(/^\./, '')
}

function ageBandProblems(
  bands: readonly CityModel.AgeBand[],
  activities: readonly CityModel.Activity[] | undefined,
): string[] {
  const each = bands.flatMap((band, index) => {
    const at = `ageBands[${index}]`
    const before = bands[index - 1]
    const problems: string[] = []
    if (activities !== undefined) {
      const ids = activities.map(({ id }) => id)
      problems.push(...shareProblems(`${at}.activities`, band.activities, ids))
    }
    if (band.fromYears > band.toYears) {
      problems.push(`${at} ends at ${band.toYears} years, before it begins at ${band.fromYears}.`)
    }
    if (before !== undefined && band.fromYears <= before.toYears) {
      problems.push(
        `${at} begins at ${band.fromYears} years, but the band before it ends at ${before.toYears}.`,
      )
    }
    return problems
  })
  return [...repeated('ageBands', bands, 'id'), ...each]
}

function districtProblems(
  districts: readonly CityModel.District[],
  bands: readonly CityModel.AgeBand[] | undefined,
): string[] {
  const ids = bands?.map(({ id }) => id)
  const shares =
    ids === undefined
      ? []
      : districts.flatMap(({ ages }, index) => shareProblems(`districts[${index}].ages`, ages, ids))
  return [...repeated('districts', districts, 'id'), ...shares]
}

function pollProblems(polls: CityModel.Polls, registered: number | undefined): string[] {
  const { count, votes, popular } = polls
  const problems: string[] = []
  if (popular.count >= count) {
    problems.push(`polls.popular.count is ${popular.count}: it must leave some of ${count} polls.`)
  }
  if (popular.min > popular.max) {
    problems.push(
      `polls.popular.min is ${popular.min}, more than polls.popular.max, ${popular.max}.`,
    )
  }
  if (registered !== undefined && popular.max > registered) {
    problems.push(`polls.popular.max is ${popular.max}, more than the ${registered} registered.`)
  }
  const votesMin = popular.count * popular.max + (count - popular.count)
  const votesMax = count * popular.min
  if (problems.length === 0 && (votes < votesMin || votes > votesMax)) {
    problems.push(
      `polls.votes is ${votes}: with ${popular.count} popular ones among ${count} polls it must be from ${votesMin} to ${votesMax}.`,
    )
  }
  return problems
}

function dayProblems({ points }: CityModel.Day): string[] {
  const problems = points.flatMap(({ at }, index) => {
    const before = points[index - 1]
    return before === undefined || at > before.at
      ? []
      : [`day.points[${index}].at is ${at}, not after ${before.at}, the point before it.`]
  })
  if (points.every(({ weight }) => weight === 0)) {
    problems.push('day.points has no weight above 0, so that nobody would ever vote.')
  }
  return problems
}

function publishedProblems(
  published: CityModel.CityModel['published'],
  polls: CityModel.Polls | undefined,
): string[] {
  const problems = repeated('published', published, 'fact')
  for (const [index, { fact }] of published.entries()) {
    if ((fact === 'popularMin' || fact === 'popularMax') && polls?.popular.count === 0) {
      problems.push(`published[${index}] is about popular polls, but polls.popular.count is 0.`)
    }
  }
  return problems
}

function shareProblems(at: string, shares: Record<string, number>, ids: string[]): string[] {
  const missing = ids.filter((id) => shares[id] === undefined)
  const unknown = Object.keys(shares).filter((id) => !ids.includes(id))
  const sum = Object.values(shares).reduce((total, share) => total + share, 0)
  return [
    ...missing.map((id) => `${at} has no share for ${id}.`),
    ...unknown.map((id) => `${at} has a share for ${id}, which is not one of ${ids.join(', ')}.`),
    ...(Math.abs(sum - 1) > SHARE_TOLERANCE
      ? [`${at} sums to ${Number(sum.toFixed(6))}, not to 1.`]
      : []),
  ]
}

function repeated<Key extends string>(
  at: string,
  entries: readonly Record<Key, string>[],
  key: Key,
): string[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, index) => {
    const value = entry[key]
    if (!seen.has(value)) {
      seen.add(value)
      return []
    }
    return [`${at}[${index}].${key} is ${value}, which an entry before it is called already.`]
  })
}

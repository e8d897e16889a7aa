import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import * as Finality from '../../scenarios/ballots/Finality.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { boundsText, UNITS_MS, type Bounds, type Format, type Parsed } from './Option.ts'

/** Kinds of values: how users write them. */

export const integer: Format<number> = {
  placeholder: 'count',
  parse: (text, bounds = ANY) =>
    within(/^\d+$/.test(text) ? Number(text) : Number.NaN, bounds) ??
    wrong(text, `is no whole number from ${boundsText(bounds)}`),
}

export const number: Format<number> = {
  placeholder: 'number',
  parse: (text, bounds = ANY) =>
    within(text.trim() === '' ? Number.NaN : Number(text), bounds) ??
    wrong(text, `is no number from ${boundsText(bounds)}`),
}

/** In ms. */
export const duration = {
  placeholder: 'time',
  unit: 'ms',
  parse(text, bounds = ANY) {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
    const unitMs = Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1]
    return (
      within(Math.round(Number(amount) * (unitMs ?? Number.NaN)), bounds) ??
      wrong(text, `is no time from ${boundsText(bounds, 'ms')} (write 500ms, 60s, 2m or 1h)`)
    )
  },
} satisfies Format<number>

const ANY: Bounds = { min: 0, max: Number.MAX_SAFE_INTEGER }

function within(value: number, { min, max, step = 1 }: Bounds): { value: number } | undefined {
  return value >= min && value <= max && (step === 1 || value % step === 0) ? { value } : undefined
}

/** What is on or off. */
export const toggle = {
  placeholder: '',
  default: 'false',
  parse: (text) => ({ value: text === 'true' }),
} satisfies Format<boolean> & { default: string }

/** One of some words. */
export function oneOf<Value>(choices: ReadonlyMap<string, Value>): Format<Value> {
  const known = [...choices.keys()].join(', ')
  return {
    placeholder: 'name',
    choices,
    parse(text) {
      const value = choices.get(text)
      return value === undefined ? wrong(text, `is unknown; take one of ${known}`) : { value }
    },
  }
}

/** Words that stand for themselves. */
export function words<const Word extends string>(list: readonly Word[]): ReadonlyMap<string, Word> {
  return new Map(list.map((word) => [word, word]))
}

/** More URLs, seeds or names are a slip. */
const LIST_MAX = 20

/** Values with commas between them; none counts twice. */
export function listOf<Value>(item: Format<Value>): Format<Value[]> {
  return {
    ...item,
    placeholder: `${item.placeholder},…`,
    parse(text) {
      const items = new Set(text.split(',').map((word) => word.trim()))
      const read = [...items].filter((word) => word !== '').map((word) => item.parse(word))
      const problems = read.flatMap((one) => ('problems' in one ? one.problems : []))
      if (problems.length > 0) return { problems }
      if (read.length > 0 && read.length <= LIST_MAX) {
        return { value: read.flatMap((one) => ('value' in one ? [one.value] : [])) }
      }
      return { problems: [`names ${read.length}: write 1 to ${LIST_MAX}, separated by commas`] }
    },
  }
}

export const text = checked('text', /^.{1,200}$/s, 'is not 1 to 200 characters')

export const name = checked(
  'name',
  /^\w[\w.-]{0,63}$/,
  'is no name: take up to 64 letters, digits, dots, dashes and underscores',
)

/** In lower case, with 0x. */
export const address = hex('address', 40)
export const hash = hex('hash', 64)

function hex(placeholder: string, digits: number): Format<string> {
  const pattern = new RegExp(`^0x[0-9a-f]{${digits}}$`, 'i')
  const why = `is no ${placeholder} of 0x and ${digits} hex digits`
  return checked(placeholder, pattern, why, (word) => word.toLowerCase())
}

/** Without slashes at its end. */
export const httpUrl = checked(
  'url',
  { test: (word) => isUrl(word, /^https?:$/) },
  'is no http URL; write for example http://127.0.0.1:8545',
  (word) => word.replace(/\/+$/, ''),
)

/** A wrong one is not repeated: it may hold a password. */
export const postgresUrl: Format<string> = {
  placeholder: 'url',
  parse: (word) =>
    isUrl(word, /^postgres(ql)?:$/)
      ? { value: word }
      : { problems: ['takes a URL such as postgres://user:password@127.0.0.1:5432/ballots'] },
}

function isUrl(word: string, protocol: RegExp): boolean {
  return URL.canParse(word) && protocol.test(new URL(word).protocol)
}

/** An absolute path of what need not be there. */
export const path: Format<string> = {
  placeholder: 'file',
  parse: (word) => ({ value: resolve(word) }),
}

/** An absolute path of a file that is there. */
export const file = checked('file', { test: existsSync }, 'is not there: name a file', resolve)

/** An absolute path of a folder that is there. */
export const folder = checked(
  'folder',
  { test: (word) => existsSync(word) && statSync(word).isDirectory() },
  'is no folder',
  resolve,
)

/** An absolute path of a file with a private key. */
export const keyFile: Format<string> = {
  placeholder: 'file',
  parse: (word) =>
    existsSync(word) && !holdsKey(word)
      ? wrong(word, 'holds no key of 64 hex digits')
      : file.parse(word),
}

function holdsKey(word: string): boolean {
  try {
    return /^(0x)?[0-9a-fA-F]{64}$/.test(readFileSync(word, 'utf8').trim())
  } catch {
    return false
  }
}

/** Several words on the command line, which come as lines. */
export const paths: Format<string[]> = {
  placeholder: 'file...',
  parse: (lines) => ({ value: lines.split('\n') }),
}

export const segment: Format<Segment.Segment> = {
  placeholder: 'i/n',
  parse(word) {
    try {
      return { value: Segment.parse(word) }
    } catch (error) {
      return { problems: [explanationOf(error).replace(/\.$/, '')] }
    }
  },
}

export const finality: Format<Finality.Finality> = {
  placeholder: 'rule',
  parse(word) {
    if (word === 'instant' || word === 'tag') return { value: { kind: word } }
    const depth = Number(/^depth:(\d+)$/.exec(word)?.[1])
    return depth >= 1 && depth <= Finality.DEPTH_MAX
      ? { value: { kind: 'depth', depth } }
      : wrong(word, `is unknown; take instant, tag or depth:N, N up to ${Finality.DEPTH_MAX}`)
  },
}

/** A word that passes a test; else why it does not. */
function checked(
  placeholder: string,
  shape: { test(word: string): boolean },
  why: string,
  change = (word: string): string => word,
): Format<string> {
  return {
    placeholder,
    parse: (word) => (shape.test(word) ? { value: change(word) } : wrong(word, why)),
  }
}

function wrong(word: string, why: string): Parsed<never> {
  return { problems: [`"${word}" ${why}`] }
}

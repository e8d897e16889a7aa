import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import * as Finality from '../../scenarios/ballots/Finality.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { boundsText, UNITS_MS, type Bounds, type Option, type Parsed } from './Option.ts'

/** Kinds of values: each makes an option of its words, with the way in which its text is read. */

/** A value of a list has no words of its own. */
type Words = Partial<Omit<Option, 'parse' | 'placeholder' | 'bounds' | 'unit' | 'choices'>>

type Made<Own, Value> = Own & Pick<Option<Value>, 'placeholder' | 'parse'>

type Bounded = Words & { bounds: Bounds }

type Chosen<Value> = Words & { choices: ReadonlyMap<string, Value> }

/** More URLs, seeds or names are a slip. */
const LIST_MAX = 20

/** Values with commas between them; none counts twice. */
export function listOf<const Own extends Words, Value>(
  own: Own,
  item: Pick<Option<Value>, 'placeholder' | 'parse' | 'choices'>,
): Made<Own, Value[]> & Pick<Option, 'choices'> {
  return {
    ...(item.choices !== undefined && { choices: item.choices }),
    placeholder: `${item.placeholder},…`,
    ...own,
    parse(word) {
      const items = new Set(word.split(',').map((one) => one.trim()))
      const read = [...items].filter((one) => one !== '').map((one) => item.parse(one))
      const problems = read.flatMap((one) => ('problems' in one ? one.problems : []))
      if (problems.length > 0) return { problems }
      if (read.length === 0 || read.length > LIST_MAX) {
        return { problems: [`names ${read.length}: write 1 to ${LIST_MAX}, separated by commas`] }
      }
      return { value: read.flatMap((one) => ('value' in one ? [one.value] : [])) }
    },
  }
}

/** What is on or off. */
export function toggle<const Own extends Words>(
  own: Own,
): Made<Own, boolean> & { default: string } {
  return {
    default: 'false',
    placeholder: '',
    ...own,
    parse: (word) => ({ value: word === 'true' }),
  }
}

export function integer<const Own extends Bounded>(own: Own): Made<Own, number> {
  return {
    placeholder: 'count',
    ...own,
    parse: (word, bounds = own.bounds) =>
      within(/^\d+$/.test(word) ? Number(word) : Number.NaN, bounds) ??
      wrong(word, `is no whole number from ${boundsText(bounds)}`),
  }
}

export function number<const Own extends Bounded>(own: Own): Made<Own, number> {
  return {
    placeholder: 'number',
    ...own,
    parse: (word, bounds = own.bounds) =>
      within(word.trim() === '' ? Number.NaN : Number(word), bounds) ??
      wrong(word, `is no number from ${boundsText(bounds)}`),
  }
}

/** In ms. */
export function duration<const Own extends Bounded>(own: Own): Made<Own, number> & { unit: 'ms' } {
  return {
    unit: 'ms',
    placeholder: 'time',
    ...own,
    parse(word, bounds = own.bounds) {
      const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word) ?? []
      const unitMs = Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1]
      return (
        within(Math.round(Number(amount) * (unitMs ?? Number.NaN)), bounds) ??
        wrong(word, `is no time from ${boundsText(bounds, 'ms')} (write 500ms, 60s, 2m or 1h)`)
      )
    },
  }
}

/** One of some words. */
export function oneOf<const Own extends Words, Value>(
  own: Own & Chosen<Value>,
): Made<Own & Chosen<Value>, Value> {
  return {
    placeholder: 'name',
    ...own,
    parse(word) {
      const value = own.choices.get(word)
      const known = [...own.choices.keys()].join(', ')
      return value === undefined ? wrong(word, `is unknown; take one of ${known}`) : { value }
    },
  }
}

/** Words that stand for themselves. */
export function words<const Word extends string>(list: readonly Word[]): ReadonlyMap<string, Word> {
  return new Map(list.map((word) => [word, word]))
}

/** @param shape - what the text must match, and how to say so. @default 1 to 200 characters */
export function text<const Own extends Words>(
  own: Own,
  shape: { pattern: RegExp; says: string } = {
    pattern: /^.{1,200}$/s,
    says: '1 to 200 characters',
  },
): Made<Own, string> {
  return {
    placeholder: 'text',
    ...own,
    parse: (word) =>
      shape.pattern.test(word) ? { value: word } : wrong(word, `is not ${shape.says}`),
  }
}

/** In lower case, with 0x. */
export function hex<const Own extends Words>(
  own: Own,
  { placeholder, digits }: { placeholder: string; digits: number },
): Made<Own, string> {
  const pattern = new RegExp(`^0x[0-9a-f]{${digits}}$`, 'i')
  return {
    placeholder,
    ...own,
    parse: (word) =>
      pattern.test(word)
        ? { value: word.toLowerCase() }
        : wrong(word, `is no ${placeholder} of 0x and ${digits} hex digits`),
  }
}

export function address<const Own extends Words>(own: Own): Made<Own, string> {
  return hex(own, { placeholder: 'address', digits: 40 })
}

/** Without slashes at its end. */
export function httpUrl<const Own extends Words>(own: Own): Made<Own, string> {
  return {
    placeholder: 'url',
    ...own,
    parse: (word) =>
      isUrl(word, /^https?:$/)
        ? { value: word.replace(/\/+$/, '') }
        : wrong(word, 'is no http URL; write for example http://127.0.0.1:8545'),
  }
}

export function postgresUrl<const Own extends Words>(own: Own): Made<Own, string> {
  const example = 'postgres://user:password@127.0.0.1:5432/ballots'
  return {
    placeholder: 'url',
    ...own,
    parse: (word) =>
      isUrl(word, /^postgres(ql)?:$/)
        ? { value: word }
        : { problems: [`takes a URL such as ${example}`] },
  }
}

function isUrl(word: string, protocol: RegExp): boolean {
  return URL.canParse(word) && protocol.test(new URL(word).protocol)
}

/** An absolute path of what need not be there. */
export function path<const Own extends Words>(own: Own): Made<Own, string> {
  return { placeholder: 'file', ...own, parse: (word) => ({ value: resolve(word) }) }
}

/** An absolute path of a file that is there. */
export function file<const Own extends Words>(own: Own): Made<Own, string> {
  return {
    placeholder: 'file',
    ...own,
    parse: (word) =>
      existsSync(word) ? { value: resolve(word) } : { problems: [`there is no file "${word}"`] },
  }
}

/** An absolute path of a folder that is there. */
export function folder<const Own extends Words>(own: Own): Made<Own, string> {
  return {
    placeholder: 'folder',
    ...own,
    parse: (word) =>
      existsSync(word) && statSync(word).isDirectory()
        ? { value: resolve(word) }
        : wrong(word, 'is no folder'),
  }
}

/** An absolute path of a file with a private key. */
export function keyFile<const Own extends Words>(own: Own): Made<Own, string> {
  return {
    placeholder: 'file',
    ...own,
    parse: (word) =>
      existsSync(word) && !holdsKey(word)
        ? wrong(word, 'holds no key of 64 hex digits')
        : file(own).parse(word),
  }
}

function holdsKey(word: string): boolean {
  try {
    return /^(0x)?[0-9a-fA-F]{64}$/.test(readFileSync(word, 'utf8').trim())
  } catch {
    return false
  }
}

/** Files that are several words on the command line; they come as lines. */
export function paths<const Own extends Words>(own: Own): Made<Own, string[]> {
  return { placeholder: 'file...', ...own, parse: (lines) => ({ value: lines.split('\n') }) }
}

export function segment<const Own extends Words>(own: Own): Made<Own, Segment.Segment> {
  return {
    placeholder: 'i/n',
    ...own,
    parse(word) {
      try {
        return { value: Segment.parse(word) }
      } catch (error) {
        return { problems: [explanationOf(error).replace(/\.$/, '')] }
      }
    },
  }
}

export function finality<const Own extends Words>(own: Own): Made<Own, Finality.Finality> {
  return {
    placeholder: 'rule',
    ...own,
    parse(word) {
      if (word === 'instant' || word === 'tag') return { value: { kind: word } }
      const depth = Number(/^depth:(\d+)$/.exec(word)?.[1])
      return depth >= 1 && depth <= Finality.DEPTH_MAX
        ? { value: { kind: 'depth', depth } }
        : wrong(
            word,
            `is unknown; take instant, tag or depth:N with N from 1 to ${Finality.DEPTH_MAX}`,
          )
    },
  }
}

function within(value: number, { min, max, step = 1 }: Bounds): { value: number } | undefined {
  return value >= min && value <= max && (step === 1 || value % step === 0) ? { value } : undefined
}

function wrong(word: string, why: string): Parsed<never> {
  return { problems: [`"${word}" ${why}`] }
}

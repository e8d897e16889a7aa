import { UsageError } from '../UsageError.ts'
import type { Option, Setting, Table } from './Option.ts'

/** The options of a command as values: read whole, with every problem at once. */

/** What a command is given: texts, not yet believed, by the names that commander gives to flags. */
export type Flags<Options extends Table> = {
  readonly [Key in keyof Options as NameOf<Options[Key]['flag']>]?: Given | undefined
}

type Given = string | boolean | readonly string[]

type NameOf<Flag extends string> = Flag extends `--${infer Words}` ? CamelCase<Words> : never

type CamelCase<Words extends string> = Words extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Words

/** What the options say, by the names of their values. */
export type Values<Options extends Table> = { [Key in keyof Options]: ValueOf<Options[Key]> }

type ValueOf<One> =
  One extends Option<infer Value>
    ? One extends { default: string } | { isRequired: true }
      ? Value
      : Value | undefined
    : never

/**
 * Reads the flags.
 *
 * @param contradictions - what is wrong beside single values, given the values and what is wrong with
 * them; what could not be read is undefined.
 * @throws {UsageError} with every problem at once.
 */
export function parse<Options extends Table>(
  table: Options,
  flags: Flags<Options>,
  contradictions: (
    values: Partial<Values<Options>>,
    problems: readonly string[],
  ) => readonly string[] = () => [],
): Values<Options> {
  const problems: string[] = []
  const entries = Object.entries(table).map(([name, option]) => [
    name,
    valueOf(option, textOf(option, flags) ?? option.default, problems),
  ])
  const values: Values<Options> = Object.fromEntries(entries)
  problems.push(...contradictions(values, problems))
  if (problems.length > 0) throw new UsageError(problems)
  return values
}

function valueOf(option: Option, text: string | undefined, problems: string[]): unknown {
  const { flag } = option
  if (text === undefined) {
    if (option.isRequired === true) problems.push(`${flag} is missing: name ${option.help}.`)
    return undefined
  }
  const parsed = option.parse(text, option.bounds)
  if ('value' in parsed) return parsed.value
  problems.push(...parsed.problems.map((problem) => `${flag}: ${problem}.`))
  return undefined
}

/** What the user said; undefined where that is nothing, or a switch that is off. */
function textOf<Options extends Table>(option: Option, flags: Flags<Options>): string | undefined {
  const name = nameOf(option.flag)
  const texts: Readonly<Record<string, Given | undefined>> = flags
  const said = texts[name] ?? false
  if (said === false) return undefined
  return typeof said === 'object' ? said.join('\n') : String(said)
}

function nameOf(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Those that the user gave. */
export function given<Options extends Table>(table: Options, flags: Flags<Options>): string[] {
  return Object.values(table)
    .filter((option) => textOf(option, flags) !== undefined)
    .map(({ flag }) => flag)
}

/**
 * What is wrong with flags in what is to be built: without effect in every setting, or beyond the
 * bounds of one. Whoever gives such a flag believes something that is not so.
 */
export function misfits<Options extends Table>(
  table: Options,
  flags: Flags<Options>,
  settings: readonly Setting[],
): string[] {
  const problems = Object.values(table).flatMap((option) => {
    const text = textOf(option, flags)
    return text === undefined ? [] : misfitsOf(option, text, settings)
  })
  return [...new Set(problems)]
}

function misfitsOf(option: Option, text: string, settings: readonly Setting[]): string[] {
  const { boundsIn, flag, parse: read, withoutEffect } = option
  const fitting = settings.filter((setting) => withoutEffect?.(setting) === undefined)
  if (fitting.length === 0 && settings.length > 0) {
    const reasons = new Set(settings.map((setting) => withoutEffect?.(setting)))
    return [`${flag} has no effect: ${[...reasons].join(', ')}. Leave it out.`]
  }
  // What is wrong everywhere is told already.
  if ('problems' in read(text, option.bounds)) return []
  return fitting.flatMap((setting) => {
    const bounds = boundsIn?.(setting)
    const parsed = bounds && read(text, bounds)
    const problems = parsed && 'problems' in parsed ? parsed.problems : []
    return problems.map((problem) => `${flag}: ${problem}, as ${bounds?.of} takes it.`)
  })
}

/** The flags without those that have no effect in a setting. */
export function effective<Options extends Table>(
  table: Options,
  flags: Flags<Options>,
  setting: Setting,
): Flags<Options> {
  const idle = Object.values(table)
    .filter((option) => option.withoutEffect?.(setting) !== undefined)
    .map(({ flag }) => nameOf(flag))
  const entries: unknown[][] = Object.entries(flags).filter(([name]) => !idle.includes(name))
  return Object.fromEntries(entries)
}

/** What one would type to have the same again: what was given and is not the default. */
export function command<Options extends Table>(
  words: readonly string[],
  table: Options,
  flags: Flags<Options>,
): string {
  const options = Object.values(table).flatMap((option) => {
    const text = textOf(option, flags)
    if (option.repeat === 'never') return []
    if (option.repeat !== 'always' && (text === undefined || text === option.default)) return []
    const said = text ?? option.default ?? ''
    return option.placeholder === '' ? [option.flag] : [option.flag, quote(withoutPasswords(said))]
  })
  return ['npm run storm --', ...words, ...options].join(' ')
}

/** The command stands in the report, which others read: what a URL keeps secret stays out of it. */
function withoutPasswords(word: string): string {
  return word.replace(/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, '$1***@')
}

function quote(word: string): string {
  return /^[\w./:,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

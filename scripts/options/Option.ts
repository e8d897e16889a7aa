import type { Design } from '../../chain/designs/Design.ts'
import type { Kind } from '../../chain/networks/kinds.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'

/** A kind of value: how users write it. */
export type Format<Value = unknown> = {
  /** What stands for the value in help; empty for a switch. */
  placeholder: string
  /** What bounds of it count, where it is not a bare number. */
  unit?: 'ms'
  /** The words that it takes. */
  choices?: ReadonlyMap<string, unknown>
  parse: (text: string, bounds?: Bounds) => Parsed<Value>
}

/**
 * An option of the command line: the one place for its flag, kind of value, bounds, default and help.
 * `commands.ts` says which commands take it.
 */
export type Option<Value = unknown> = Format<Value> &
  Words & {
    /** As users type it, for example `--block-time`. */
    flag: `--${string}`
    /** A phrase without bounds and default, which are added to it. */
    help: string
  }

/** What an option may say of itself. */
type Words = {
  bounds?: Bounds
  /** What holds where the user says nothing, as the user would write it. */
  default?: string
  /** In place of a default: where the value then comes from, for example "the scenario's". */
  usual?: string | undefined
  isRequired?: true
  /** In place of the format's own. */
  placeholder?: string
  /** Its heading in help, where a command takes many. */
  group?: string
  /** Whether the command that repeats a run names it; otherwise where it was given and is not the default. */
  repeat?: 'always' | 'never'
  /** Narrower bounds, and what has them. */
  boundsIn?: (setting: Setting) => (Bounds & { of: string }) | undefined
  /** Why it would change nothing; undefined where it has an effect. */
  withoutEffect?: (setting: Setting) => string | undefined
}

/** Makes an option. */
export function option<
  const Value extends Format,
  const Flag extends Option['flag'],
  const Own extends Words,
>(format: Value, flag: Flag, help: string, own?: Own): Value & Own & { flag: Flag; help: string } {
  return Object.assign({}, format, { flag, help }, own)
}

/** From the first to the last, in steps of the third. */
export type Bounds = { min: number; max: number; step?: number }

/** A value, or what is wrong with the text: sentences after the flag, with the way out, without a dot. */
export type Parsed<Value> = { value: Value } | { problems: string[] }

/** What is to be built under the flags. */
export type Setting = {
  design: Design
  kind: Kind
  /** Undefined where no scenario is chosen. */
  storm?: Storm | undefined
  /** Whether the voting API is the user's own. */
  hasExternalApi?: boolean
}

/** Options of a command, by the names of their values. */
export type Table = Readonly<Record<string, Option>>

/** Puts options under a heading. */
export function inGroup<Options extends Record<string, Option>>(
  group: string,
  options: Options,
): Options {
  for (const one of Object.values(options)) one.group = group
  return options
}

/** Help in full: the phrase, choices, bounds and default. */
export function describe(one: Option): string {
  const { bounds, choices, help, isRequired, unit } = one
  const usually = usualText(one)
  const facts = [
    choices === undefined ? [] : [...choices.keys()].join(', '),
    bounds === undefined ? [] : boundsText(bounds, unit),
    isRequired === true ? 'required' : [],
    usually === undefined ? [] : `default: ${usually}`,
  ].flat()
  return facts.length === 0 ? help : `${help} (${facts.join('; ')})`
}

/** What holds where the user says nothing; a switch is then off. */
function usualText(one: Option): string | undefined {
  const { default: text, parse, placeholder, unit, usual } = one
  if (usual !== undefined || text === undefined || placeholder === '') return usual
  const parsed = parse(text, one.bounds)
  const isNumber = 'value' in parsed && typeof parsed.value === 'number'
  return isNumber ? numberText(Number(parsed.value), unit) : text
}

/** For example "1s to 1m in whole seconds". */
export function boundsText({ min, max, step = 1 }: Bounds, unit?: 'ms'): string {
  const isWholeSeconds = unit === 'ms' && step === 1000
  return `${numberText(min, unit)} to ${numberText(max, unit)}${isWholeSeconds ? ' in whole seconds' : ''}`
}

/** Units of time, from the largest. */
export const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** A number as people read it, a time in its largest unit. */
export function numberText(value: number, unit?: 'ms'): string {
  if (unit === undefined) return value.toLocaleString('en', { useGrouping: 'min2' })
  const [name, size] = Object.entries(UNITS_MS).find(([, ms]) => value % ms === 0) ?? ['ms', 1]
  return value === 0 ? '0s' : `${value / size}${name}`
}

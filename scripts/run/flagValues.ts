import * as NetworkBounds from '../../chain/networks/bounds.ts'
import type { Kind } from '../../chain/networks/Network.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'

/** Values as users write them; what is wrong with one joins the problems, as a sentence with the way out. */

/** A flag as a user types it, by the name that commander gives it. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function optional<Value>(
  text: string | undefined,
  read: (text: string) => Value,
): Value | undefined {
  return text === undefined ? undefined : read(text)
}

export function number(
  flag: string,
  text: string,
  [least, most]: readonly [number, number],
  problems: string[],
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least && value <= most)) {
    problems.push(`${flag}: "${text}" is no number from ${least} to ${most}.`)
  }
  return value
}

export function integer(
  flag: string,
  text: string,
  [least, most]: readonly [number, number],
  problems: string[],
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    problems.push(`${flag}: "${text}" is no whole number from ${least} to ${most}.`)
  }
  return value
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A day; a longer storm is several runs. */
const DURATION_MS_MAX = 24 * 3_600_000

/** A time as a user writes it, in ms; what is wrong with it joins the problems. */
export function durationOf(flag: string, text: string, problems: string[]): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const valueMs = Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN)
  if (!(valueMs >= 0 && valueMs <= DURATION_MS_MAX)) {
    problems.push(
      `${flag}: "${text}" is no duration up to 24h; write for example 500ms, 60s or 2m.`,
    )
  }
  return Math.round(valueMs)
}

export function blockTime(text: string, kind: Kind, problems: string[]): number {
  const valueMs = durationOf('--block-time', text, problems)
  const bounds = NetworkBounds.CHOICES[kind].blockTimeMs
  if (!NetworkBounds.isWithin(valueMs, bounds)) {
    const whole = bounds.step === 1000 ? ' in whole seconds' : ''
    problems.push(
      `--block-time: "${text}" is not from ${bounds.min}ms to ${bounds.max / 1000}s${whole}, as network ${kind} takes it.`,
    )
  }
  return valueMs
}

export function finality(text: string, problems: string[]): Finality {
  if (text === 'instant') return { kind: 'instant' }
  if (text === 'tag') return { kind: 'tag' }
  const depth = Number(/^depth:(\d+)$/.exec(text)?.[1])
  if (!(depth >= 1 && depth <= 10_000)) {
    problems.push(`--finality: "${text}" is unknown; take instant, tag or depth:N with N from 1.`)
  }
  return { kind: 'depth', depth }
}

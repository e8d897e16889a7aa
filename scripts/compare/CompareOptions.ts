import { peak2017 } from '../../scenarios/storms/peak-2017/storm.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { commands } from '../options/commands.ts'
import type { Setting } from '../options/Option.ts'
import * as Options from '../options/Options.ts'
import type { RigOptions } from '../rig/RigOptions.ts'
import * as RunOptions from '../run/RunOptions.ts'

const OPTIONS = commands['compare-designs'].options

/** The flags of `compare-designs` as commander hands them over: text, not yet believed. */
export type Flags = Options.Flags<typeof OPTIONS>

type Values = Options.Values<typeof OPTIONS>

/** A design on a network, and what it is put through. */
export type Pairing = {
  /** As a run of that design would have it; no network where the design has no chain. */
  rig: RigOptions
  /** The load that is the same for all. */
  plan: Storm.Storm
  /** A load that is more than the design carries. */
  saturation: Storm.Storm
}

export type CompareOptions = Values & { pairings: Pairing[] }

/**
 * So long after the close every ballot of the overload has come to the chain, even in the slowest
 * design: 7,500 votes at 31 to 38 a second take four minutes.
 */
const SEALS_AFTER_OVERLOAD_MS = 900_000

/**
 * Reads the flags. An option of the system holds for the designs in which it has an effect.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parse(flags: Flags): CompareOptions {
  const values = Options.parse(OPTIONS, flags, (some, unread) => [
    ...Options.misfits(OPTIONS, flags, settingsOf(some)),
    ...(unread.length > 0 ? [] : Storm.problems(Storm.override(peak2017, some))),
  ])
  const plan = Storm.override(peak2017, values)
  const pairings = settingsOf(values).map((setting) => {
    const { design, kind } = setting
    const network = design.contracts === 'none' ? undefined : kind
    const own = Options.effective(OPTIONS, flags, setting)
    return {
      rig: RunOptions.parse({ ...own, design: design.name, network }),
      plan,
      saturation: overloaded(
        plan,
        values.overloadRatePerS ?? design.overloadPerS,
        values.overloadMs,
      ),
    }
  })
  return { ...values, pairings }
}

/** Each design on each network, one without a chain once. */
function settingsOf({ designs = [], networks = [] }: Partial<Values>): Setting[] {
  return designs.flatMap((design) => {
    const kinds = design.contracts === 'none' ? networks.slice(0, 1) : networks
    return kinds.map((kind) => ({ design, kind }))
  })
}

/** The same poll under more than the design carries; as many voters as that takes. */
function overloaded(storm: Storm.Storm, ratePerS: number, durationMs: number): Storm.Storm {
  const ballots = Math.ceil((ratePerS * durationMs) / 1000)
  return {
    ...storm,
    name: 'saturation',
    voters: Math.max(storm.voters, Math.ceil(ballots / storm.polls.length)),
    arrivals: { kind: 'stages', stages: [{ ratePerS, durationMs }] },
    polls: storm.polls.map((poll) => ({ ...poll, sealsAfterCloseMs: SEALS_AFTER_OVERLOAD_MS })),
  }
}

/** The way to repeat a comparison. */
export function command(flags: Flags): string {
  return Options.command(['compare-designs'], OPTIONS, flags)
}

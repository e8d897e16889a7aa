import { resolve } from 'node:path'

import type { Design } from '../../chain/designs/Design.ts'
import { designs } from '../../chain/designs/designs.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { peak2017 } from '../../scenarios/storms/peak-2017/storm.ts'
import * as Values from '../run/flagValues.ts'
import * as RunOptions from '../run/RunOptions.ts'
import { UsageError } from '../UsageError.ts'

/** The flags of `compare-designs` as commander hands them over: text, not yet believed. */
export type Flags = {
  voters: string
  rate: string
  duration: string
  overload: string
  designs: string
  networks: string
  seed: string
  out: string
  json: boolean
}

/** Defaults of the flags; the help prints these very values. */
export const DEFAULTS = {
  voters: '20000',
  rate: '20',
  duration: '60s',
  overload: '75s',
  designs: designs.map(({ name }) => name).join(','),
  networks: 'qbft',
  seed: '1',
  out: 'out/comparisons',
} as const

/** A design on a network, and what it is put through. */
export type Pairing = {
  design: Design
  /** Undefined where the design has no chain. */
  network: RunOptions.NetworkKind | undefined
  /** The load that is the same for all. */
  plan: Storm.Storm
  /** A load that is more than the design carries. */
  saturation: Storm.Storm
}

export type CompareOptions = {
  pairings: Pairing[]
  voters: number
  ratePerS: number
  seed: string
  outFolder: string
  json: boolean
}

/**
 * So long after the close every ballot of the overload has come to the chain, even in the slowest
 * design: 7,500 votes at 31 to 38 a second take four minutes.
 */
const SEALS_AFTER_OVERLOAD_MS = 900_000

/**
 * Reads the flags.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parse(flags: Flags): CompareOptions {
  const problems: string[] = []
  const chosen = names(flags.designs).flatMap((name) => {
    const design = designs.find((one) => one.name === name)
    if (design === undefined) {
      problems.push(
        `--designs: "${name}" is unknown; take some of ${designs.map((one) => one.name).join(', ')}.`,
      )
    }
    return design ?? []
  })
  const kinds = names(flags.networks).flatMap((name) => {
    const kind = RunOptions.NETWORK_KINDS.find((one) => one === name && one !== 'external')
    if (kind === undefined) {
      problems.push(
        `--networks: "${name}" is unknown; take some of ${RunOptions.NETWORK_KINDS.filter((one) => one !== 'external').join(', ')}.`,
      )
    }
    return kind ?? []
  })
  const run = { ...RunOptions.DEFAULTS, ...flags, json: false, keepData: false }
  const plan = collect(problems, () => RunOptions.parse(run))
  const overloadMs = Values.durationOf('--overload', flags.overload, problems)
  if (problems.length > 0 || plan === undefined) throw new UsageError(problems)
  const { voters = 0, ratePerS = 0, durationMs } = plan
  const planned = Storm.override(peak2017, { voters, ratePerS, durationMs })
  return {
    pairings: chosen.flatMap((design) => {
      const saturation = overloaded(planned, design, overloadMs)
      const networks = design.contracts === 'none' ? [undefined] : kinds
      return networks.map((network) => ({ design, network, plan: planned, saturation }))
    }),
    voters,
    ratePerS,
    seed: plan.seed,
    outFolder: resolve(flags.out),
    json: flags.json,
  }
}

/** What the reading gives; its problems join the others. */
function collect<Value>(problems: string[], read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** The same poll under more than the design carries; as many voters as that takes. */
function overloaded(storm: Storm.Storm, design: Design, durationMs: number): Storm.Storm {
  const ballots = Math.ceil((design.overloadPerS * durationMs) / 1000)
  return {
    ...storm,
    name: 'saturation',
    voters: Math.max(storm.voters, Math.ceil(ballots / storm.polls.length)),
    arrivals: { kind: 'stages', stages: [{ ratePerS: design.overloadPerS, durationMs }] },
    polls: storm.polls.map((poll) => ({ ...poll, sealsAfterCloseMs: SEALS_AFTER_OVERLOAD_MS })),
  }
}

function names(list: string): string[] {
  return [...new Set(list.split(',').filter((name) => name !== ''))]
}

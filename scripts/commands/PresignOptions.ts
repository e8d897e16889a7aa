import { resolve } from 'node:path'

import type { Inputs } from '../../scenarios/presign/presign.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { WORKERS_MAX } from '../../scenarios/presign/Workers.ts'
import { find } from '../../scenarios/storms/storms.ts'
import { UsageError } from '../UsageError.ts'
import { presignSource, type Source } from './presignSource.ts'

/** The flags of `presign` as commander hands them over: text, not yet believed. */
export type Flags = {
  /** @default those of the scenario or city; needed without one */
  voters?: string | undefined
  /** Number of polls: of a city the most popular ones. Not with a scenario. @default 1 */
  polls?: string | undefined
  /** Ballots of all segments. @default the scenario's, else all that the voters can cast */
  count?: string | undefined
  seed: string
  /** api or rpc. */
  path: string
  /** @default the machine's cores, at most 4 */
  workers?: string | undefined
  /** For example 3/8. */
  segment?: string | undefined
  out: string
  /** @default one in the cache folder, shared by all spools of the electorate */
  register?: string | undefined
  /** @default 8995 */
  chainId?: string | undefined
  /** @default where the seed's deployer puts it on a fresh chain */
  ballotBox?: string | undefined
  json: boolean
}

/** Defaults of the flags; the help prints these very values. */
export const DEFAULTS = { seed: '1', path: 'api', out: 'out/spool.bin' } as const

/** What is asked for: parsed once, whole, and believed from here on. */
export type PresignOptions = Pick<
  Inputs,
  'path' | 'electorate' | 'polls' | 'order' | 'ballotCount'
> & {
  segment: Segment.Segment
  workers: number | undefined
  out: string
  registerFile: string | undefined
  chainId: number | undefined
  ballotBox: string | undefined
}

const VOTERS_MAX = 50_000_000
const POLLS_MAX = 10_000
const BALLOTS_MAX = 1_000_000_000

/**
 * Reads the flags.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parse(name: string | undefined, flags: Flags): PresignOptions {
  const problems: string[] = []
  const number = (flag: string, text: string | undefined, max: number): number | undefined =>
    text === undefined ? undefined : integer(flag, text, max, problems)
  const voters = number('--voters', flags.voters, VOTERS_MAX)
  const pollCount = number('--polls', flags.polls, POLLS_MAX)
  const count = number('--count', flags.count, BALLOTS_MAX)
  if (name === undefined && flags.voters === undefined) {
    problems.push('Name a scenario or a city, or say --voters.')
  }
  if (name !== undefined && find(name) !== undefined && flags.polls !== undefined) {
    problems.push('--polls: a scenario has polls of its own; leave it out.')
  }
  if (flags.path !== 'api' && flags.path !== 'rpc') {
    problems.push(`--path: "${flags.path}" is unknown; take api or rpc.`)
  }
  if (flags.seed === '' || flags.seed.length > 200) {
    problems.push('--seed: takes 1 to 200 characters.')
  }
  if (flags.ballotBox !== undefined && !/^0x[0-9a-f]{40}$/i.test(flags.ballotBox)) {
    problems.push(`--ballot-box: "${flags.ballotBox}" is no address; write 0x and 40 hex digits.`)
  }
  const source = sourceOf(name, { seed: flags.seed, voters, pollCount }, problems)
  const ballotCount = count ?? source.ballotCount
  if (ballotCount > source.ballotCountMax && problems.length === 0) {
    problems.push(
      `--count: ${ballotCount} ballots are more than the ${source.ballotCountMax} that these voters can cast; take fewer, or more --voters or --polls.`,
    )
  }
  const options: PresignOptions = {
    path: flags.path === 'rpc' ? 'rpc' : 'api',
    electorate: { seed: flags.seed, size: source.voters },
    polls: source.polls,
    order: source.order,
    ballotCount,
    segment: segment(flags.segment, problems),
    workers: number('--workers', flags.workers, WORKERS_MAX),
    out: resolve(flags.out),
    registerFile: flags.register === undefined ? undefined : resolve(flags.register),
    chainId: number('--chain-id', flags.chainId, 2 ** 32),
    ballotBox: flags.ballotBox?.toLowerCase(),
  }
  if (problems.length > 0) throw new UsageError(problems)
  return options
}

/** The source; its mistakes join those of the flags. */
function sourceOf(
  name: string | undefined,
  asked: Parameters<typeof presignSource>[1],
  problems: string[],
): Source {
  try {
    return presignSource(name, asked)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    problems.push(...error.problems)
    return presignSource(undefined, asked)
  }
}

function segment(text: string | undefined, problems: string[]): Segment.Segment {
  if (text === undefined) return Segment.WHOLE
  try {
    return Segment.parse(text)
  } catch (error) {
    problems.push(`--segment: ${explanationOf(error)}`)
    return Segment.WHOLE
  }
}

function integer(flag: string, text: string, max: number, problems: string[]): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 1 && value <= max)) {
    problems.push(`${flag}: "${text}" is no whole number from 1 to ${max}.`)
    return 1
  }
  return value
}

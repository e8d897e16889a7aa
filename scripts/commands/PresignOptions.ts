import type { Inputs } from '../../scenarios/presign/presign.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { find } from '../../scenarios/storms/storms.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import { UsageError } from '../UsageError.ts'
import { presignSource, readCity } from './presignSource.ts'

const OPTIONS = commands.presign.options

/** The flags of `presign` as commander hands them over: text, not yet believed. */
export type Flags = Options.Flags<typeof OPTIONS>

type Values = Options.Values<typeof OPTIONS>

/** What is asked for: parsed once, whole, and believed from here on. */
export type PresignOptions = Omit<Values, 'voters' | 'pollCount'> &
  Pick<Inputs, 'electorate' | 'polls' | 'order' | 'ballotCount'> & { segment: Segment.Segment }

/**
 * Reads the flags of the signing.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parse(name: string | undefined, flags: Flags): PresignOptions {
  const { voters, pollCount, ...values } = Options.parse(OPTIONS, flags, () =>
    contradictions(name, flags),
  )
  const { seed, segment = Segment.WHOLE } = values
  const { ballotCountMax, polls, order, ...source } = presignSource(name, {
    seed,
    voters,
    pollCount,
  })
  const { ballotCount = source.ballotCount } = values
  if (ballotCount > ballotCountMax) {
    throw new UsageError([
      `--count: ${ballotCount} ballots are more than the ${ballotCountMax} that these voters can cast; take fewer, or more --voters or --polls.`,
    ])
  }
  const electorate = { seed, size: source.voters }
  return { ...values, segment, electorate, polls, order, ballotCount }
}

function contradictions(name: string | undefined, { polls, voters }: Flags): readonly string[] {
  if (name === undefined) {
    return voters === undefined ? ['Name a scenario or a city, or say --voters.'] : []
  }
  if (find(name) !== undefined) {
    return polls === undefined
      ? []
      : ['--polls has no effect: a scenario has polls of its own. Leave it out.']
  }
  try {
    readCity(name)
    return []
  } catch (error) {
    if (error instanceof UsageError) return error.problems
    throw error
  }
}

/**
 * Reads the flags where segments are joined: they say what the spool is of.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parseJoin(
  name: string | undefined,
  flags: Flags,
): { files: string[]; out: string; json: boolean } {
  const useless = Options.given(OPTIONS, flags).filter(
    (flag) => !['--join', '--out', '--json'].includes(flag),
  )
  const { join, out, json } = Options.parse(OPTIONS, flags, () =>
    [...(name === undefined ? [] : [name]), ...useless].map(
      (word) => `${word} has no effect: --join takes what the segments hold. Leave it out.`,
    ),
  )
  return { files: join ?? [], out, json }
}

import type { Inputs } from '../../scenarios/presign/presign.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { find } from '../../scenarios/storms/storms.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import { UsageError } from '../UsageError.ts'
import { presignSource, type Source } from './presignSource.ts'

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
  const { voters, pollCount, ...values } = Options.parse(OPTIONS, flags, (some, unread) =>
    problemsOf(name, some, unread),
  )
  const { seed, segment = Segment.WHOLE } = values
  const source = presignSource(name, { seed, voters, pollCount })
  const { polls, order } = source
  const electorate = { seed, size: source.voters }
  const ballotCount = values.ballotCount ?? source.ballotCount
  return { ...values, segment, electorate, polls, order, ballotCount }
}

function problemsOf(
  name: string | undefined,
  { ballotCount, pollCount, seed = '', voters }: Partial<Values>,
  unread: readonly string[],
): string[] {
  const problems: string[] = []
  if (name === undefined && voters === undefined) {
    problems.push('Name a scenario or a city, or say --voters.')
  }
  if (name !== undefined && find(name) !== undefined && pollCount !== undefined) {
    problems.push('--polls has no effect: a scenario has polls of its own. Leave it out.')
  }
  const source = sourceOf(name, { seed, voters, pollCount }, problems)
  const ballotCountMax = source?.ballotCountMax ?? Number.POSITIVE_INFINITY
  if (unread.length + problems.length === 0 && (ballotCount ?? 0) > ballotCountMax) {
    problems.push(
      `--count: ${ballotCount} ballots are more than the ${ballotCountMax} that these voters can cast; take fewer, or more --voters or --polls.`,
    )
  }
  return problems
}

/** The source; its mistakes join those of the flags. */
function sourceOf(
  name: string | undefined,
  asked: Parameters<typeof presignSource>[1],
  problems: string[],
): Source | undefined {
  try {
    return presignSource(name, asked)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    problems.push(...error.problems)
    return undefined
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

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

/** What a lying part says on stderr of each lie, so that a test can hold the books against it. */
const Schema = Type.Object({
  lie: Type.String(),
  pollId: Type.Integer(),
  voterIndex: Type.Integer(),
})

export type Lie = Static<typeof Schema>

/** Voters whom nobody planned: an API's, and a relayer's. */
export const STRANGERS = { api: 999_997, relayer: 999_998 } as const

/**
 * Whose ballots a liar lies about where there are two of them: the API about voters of odd number,
 * the relayer about the others, so that no ballot has both.
 */
export function isVictimOf(who: keyof typeof STRANGERS, voterIndex: number): boolean {
  return voterIndex % 2 === (who === 'api' ? 1 : 0)
}

/** Says it. */
export function tell({ lie, pollId, voterIndex }: Lie): void {
  process.stderr.write(`${JSON.stringify({ lie, pollId, voterIndex })}\n`)
}

/** The lies in the lines of a log. */
export function read(lines: readonly unknown[]): Lie[] {
  return lines.map((line) => Value.Parse(Schema, line))
}

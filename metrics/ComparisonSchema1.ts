import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const Phase = Type.Union([
  Type.Object({ counts: Type.Object({ planned: Type.Number(), ok: Type.Number() }) }),
  Type.Null(),
])

/** What the conversion reads of a comparison of schema 1; the rest is the same in schema 2. */
const Schema1 = Type.Object({
  schema: Type.Literal('ballotstorm/comparison/1'),
  entries: Type.Array(
    Type.Object({
      network: Type.String(),
      plan: Phase,
      saturation: Phase,
      capacity: Type.Union([Type.Object({ windowS: Type.Number() }), Type.Null()]),
    }),
  ),
})

/** The same comparison in the form of schema 2; whatever is none of schema 1 comes back as it is. */
export function fromSchema1(comparison: unknown): unknown {
  if (!Value.Check(Schema1, comparison)) return comparison
  return {
    ...comparison,
    schema: 'ballotstorm/comparison/2',
    entries: comparison.entries.map((entry) => ({
      ...entry,
      ...(entry.network === 'none' && { network: null, validators: null, gasLimit: null }),
      plan: ofPhase(entry.plan),
      saturation: ofPhase(entry.saturation),
      capacity: ofCapacity(entry.capacity),
    })),
  }
}

function ofPhase(phase: Static<typeof Phase>): object | null {
  if (phase === null) return null
  const { ok: acknowledged, ...counts } = phase.counts
  // What left the generator was not written down then; what was planned is the most that it can be.
  return { ...phase, counts: { ...counts, attempted: counts.planned, acknowledged } }
}

/** Only the length of the window was written down then. */
function ofCapacity(capacity: { windowS: number } | null): object | null {
  if (capacity === null) return null
  const { windowS: untilS, ...rest } = capacity
  return { ...rest, fromS: 0, untilS }
}

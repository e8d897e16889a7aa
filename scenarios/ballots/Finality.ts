import { Type, type Static } from 'typebox'

/** Blocks that a rule of depth may ask for. */
export const DEPTH_MAX = 10_000

/**
 * The rule by which a block can no longer vanish.
 *
 * - `instant`: with its inclusion (QBFT, anvil, hardhat).
 * - `depth`: once `depth` blocks stand on it and a majority of the nodes read agree on its hash
 *   (proof of authority with reorganisations: ⌊validators / 2⌋ + 1).
 * - `tag`: once the node's own `finalized` tag has reached it.
 */
export const Schema = Type.Union([
  Type.Object({ kind: Type.Literal('instant') }, { additionalProperties: false }),
  Type.Object(
    { kind: Type.Literal('depth'), depth: Type.Integer({ minimum: 1, maximum: DEPTH_MAX }) },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('tag') }, { additionalProperties: false }),
])

export type Finality = Static<typeof Schema>

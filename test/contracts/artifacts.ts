import { Type, type Static } from 'typebox'

import * as Contracts from '../../scripts/contracts.ts'

/** The contracts of the product, and those that only tests deploy. */
export const TESTED = {
  folders: [...Contracts.PRODUCT.folders, 'test/contracts'],
  schema: Type.Object({
    ...Contracts.PRODUCT.schema.properties,
    UnguardedBallotBox: Contracts.ArtifactSchema,
    Probe: Contracts.ArtifactSchema,
  }),
}

export type Artifacts = Static<typeof TESTED.schema>

/** A compiled contract. `UnguardedBallotBox` is the mutant that counts double votes. */
export async function artifact(name: keyof Artifacts): Promise<Contracts.Artifact> {
  return (await Contracts.artifacts(TESTED))[name]
}

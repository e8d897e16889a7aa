import type { Design } from '../../../chain/designs/Design.ts'
import { deployActiveCitizen2017 } from './deployActiveCitizen2017.ts'
import { deployAnchor } from './deployAnchor.ts'
import { deployBallotBox } from './deployBallotBox.ts'
import type { DeployContext, Deployment } from './Deployment.ts'
import { deployNothing } from './deployNothing.ts'

const DEPLOY: Readonly<
  Record<Design['contracts'], (context: DeployContext) => Promise<Deployment>>
> = {
  none: deployNothing,
  'ballot-box': deployBallotBox,
  anchored: deployAnchor,
  'active-citizen-2017': deployActiveCitizen2017,
}

/** Puts the design's contracts on the chain, or finds those that are there. */
export function deploy(context: DeployContext): Promise<Deployment> {
  return DEPLOY[context.options.design.contracts](context)
}

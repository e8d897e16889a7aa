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

/**
 * Puts the design's contracts on the chain, or finds those that are there. Each deployment on a network
 * sends from accounts of its own.
 */
export function deploy(wanted: Omit<DeployContext, 'accountSeed'>): Promise<Deployment> {
  const { stage, options } = wanted
  if (stage !== undefined) stage.deploymentCount += 1
  const accountSeed = numbered(options.seed, stage?.deploymentCount ?? 1)
  return DEPLOY[options.design.contracts]({ ...wanted, accountSeed })
}

/** A seed for each of several; the first has no number, as parts have none. */
export function numbered(seed: string, number: number): string {
  return number === 1 ? seed : `${seed}/${number}`
}

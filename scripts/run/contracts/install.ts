import type { Design } from '../../../chain/designs/Design.ts'
import { installActiveCitizen2017 } from './installActiveCitizen2017.ts'
import { installAnchor } from './installAnchor.ts'
import { installBallotBox } from './installBallotBox.ts'
import type { Ground, Installation } from './Installation.ts'
import { installNothing } from './installNothing.ts'

const INSTALL: Readonly<Record<Design['contracts'], (ground: Ground) => Promise<Installation>>> = {
  none: installNothing,
  'ballot-box': installBallotBox,
  anchored: installAnchor,
  'active-citizen-2017': installActiveCitizen2017,
}

/** Puts the design's contracts on the chain, or finds those that are there. */
export function install(ground: Ground): Promise<Installation> {
  return INSTALL[ground.workshop.options.design.contracts](ground)
}

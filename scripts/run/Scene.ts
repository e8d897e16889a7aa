import type * as Plan from '../../scenarios/schedule/Plan.ts'
import type * as Rig from '../rig/Rig.ts'
import type { Observers } from './startObservers.ts'

/** Everything that stands before the first ballot flies. */
export type Scene = { ready: Rig.Ready; plan: Plan.Plan; observers: Observers }

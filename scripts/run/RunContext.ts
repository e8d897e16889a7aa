import type * as Segment from '../../scenarios/schedule/Segment.ts'
import type { Host } from '../rig/Host.ts'
import type { RunFolder } from './RunFolder.ts'

/** Where one storm is run and recorded. */
export type RunContext = {
  /** Owns what observes and fires. */
  host: Host
  folder: RunFolder
  /** Ballots that were signed before, in place of signing them now. */
  spoolFile: string | undefined
  /** Who means ill, beside the voters; a name of `attacks.ts`. @default nobody */
  attack?: string | undefined
  /** The share of the ballots that is fired. @default all */
  segment: Segment.Segment | undefined
}

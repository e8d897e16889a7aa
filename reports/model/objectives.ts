import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** A bound that the scenario set, what was measured, and whether it was kept. */
export type ObjectiveRow = {
  name: string
  limit: string
  measured: string
  met: 'met' | 'missed' | 'unknown'
}

/** The objectives in the scenario's order. One without a sample is unknown, never met. */
export function objectives(run: Run): ObjectiveRow[] {
  return run.objectives.map(({ name, unit, limit, measured, met }) => ({
    name: name.charAt(0).toUpperCase() + name.slice(1),
    limit: Format.inUnit(limit, unit),
    measured: Format.inUnit(measured, unit),
    met: measured === null || met === null ? 'unknown' : met ? 'met' : 'missed',
  }))
}

import type { Run } from '../../metrics/Run.ts'
import { backlog } from './backlog.ts'
import { blocks } from './blocks.ts'
import type { Chart } from './Chart.ts'
import { latencyOverTime } from './latencyOverTime.ts'
import { percentiles } from './percentiles.ts'
import { throughput } from './throughput.ts'

/** The charts of a report, by where the page shows them; those without data are left out. */
export type Charts = { overTime: Chart[]; percentiles: Chart | undefined }

/** Draws every chart that the record has data for. */
export function charts(run: Run): Charts {
  const overTime = [throughput, latencyOverTime, backlog, blocks].map((draw) => draw(run))
  return {
    overTime: overTime.filter((chart) => chart !== undefined),
    percentiles: percentiles(run),
  }
}

import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

import * as MetricsServer from '../../runtime/MetricsServer.ts'
import * as Process from '../../runtime/Process.ts'
import * as HistoryFile from '../HistoryFile.ts'
import * as HistoryLine from '../HistoryLine.ts'
import * as Config from './Config.ts'
import * as Metrics from './Metrics.ts'
import * as Probe from './Probe.ts'
import type { Report } from './Report.ts'

/** How often the probe looks at the clock for its own sake. */
const TIMER_MS = 20

/** Casts a few of the ballots beside k6 until it is told to stop. */
await Process.run(Process.reader(Config.Schema), async (config) => {
  const history = HistoryFile.open(config.historyFile)
  const metrics = Metrics.create()
  const server = await MetricsServer.listen(metrics.registry, config.port)
  const lateness = monitorEventLoopDelay({ resolution: TIMER_MS })
  lateness.enable()
  const probe = Probe.start({
    ...config,
    metrics,
    record: (attempt) => history.write(HistoryLine.formatAttempt(attempt)),
    now: Date.now,
  })
  return {
    url: server.url,
    async close() {
      await probe.stop()
      lateness.disable()
      const timerLateMsP99 = Math.max(0, lateness.percentile(99) / 1e6 - TIMER_MS)
      const report: Report = { timerLateMsP99 }
      writeFileSync(config.reportFile, JSON.stringify(report))
      history.close()
      await server.close()
    },
  }
})

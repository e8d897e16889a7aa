import { join } from 'node:path'

import * as Process from '../../runtime/Process.ts'
import * as HistoryFile from '../HistoryFile.ts'
import * as HistoryLine from '../HistoryLine.ts'
import * as Plan from '../../schedule/Plan.ts'
import * as Config from './Config.ts'
import * as Feeder from './Feeder.ts'
import * as Metrics from './Metrics.ts'
import * as Server from './Server.ts'

/** Serves one plan to k6, slice by slice, until it is told to stop. */
await Process.run(Process.reader(Config.Schema), async (config) => {
  const { stormMs } = Plan.read(config.planFolder)
  const feeder = Feeder.open({
    ...config,
    stormMs,
    spoolFile: join(config.planFolder, Plan.FILES.spool),
    instantsFile: join(config.planFolder, Plan.FILES.instants),
    now: Date.now,
  })
  if (config.startAtMs !== undefined) feeder.start(config.startAtMs)
  const history = HistoryFile.open(config.historyFile)
  const server = await Server.serve({
    feeder,
    metrics: Metrics.create(feeder),
    record: (handOver) => history.write(HistoryLine.formatHandOver(handOver)),
    now: Date.now,
    port: config.port,
  })
  return {
    url: server.url,
    async close() {
      await server.close()
      feeder.close()
      history.close()
    },
  }
})

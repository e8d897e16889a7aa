import { join } from 'node:path'

import * as Spool from '../../ballots/Spool.ts'
import * as MetricsServer from '../../runtime/MetricsServer.ts'
import * as Process from '../../runtime/Process.ts'
import * as HistoryFile from '../HistoryFile.ts'
import * as HistoryLine from '../HistoryLine.ts'
import * as Plan from '../../schedule/Plan.ts'
import * as Config from './Config.ts'
import * as LineTail from '../../runtime/LineTail.ts'
import * as Metrics from './Metrics.ts'
import * as Resender from './Resender.ts'

/** Stands in for the voters of the path `rpc` until it is told to stop. */
await Process.run(Process.reader(Config.Schema), async (config) => {
  const plan = Plan.read(config.planFolder)
  const spool = Spool.open(join(config.planFolder, Plan.FILES.spool))
  const histories = config.historyFiles.map((file) => LineTail.open(file))
  const resendHistory = HistoryFile.open(config.resendHistoryFile)
  const metrics = Metrics.create(() => resender.counts())
  const resender = Resender.create({
    ...config,
    plan,
    spool,
    histories,
    record(resend) {
      resendHistory.write(HistoryLine.formatResend(resend))
      metrics.resent(resend.status)
    },
    now: Date.now,
  })
  const server = await MetricsServer.listen(metrics.registry, config.port)
  const stopping = new AbortController()
  const looking = keepLooking(resender, config.pollMs, stopping.signal)
  return {
    url: server.url,
    async close() {
      stopping.abort()
      await looking
      await server.close()
      for (const history of histories) history.close()
      spool.close()
      resendHistory.close()
    },
  }
})

async function keepLooking(
  resender: Resender.Resender,
  pollMs: number,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    await resender.look()
    await new Promise((resume) => setTimeout(resume, pollMs))
  }
}

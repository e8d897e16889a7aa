import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import * as MetricsServer from '../../../scenarios/runtime/MetricsServer.ts'
import * as Process from '../../../scenarios/runtime/Process.ts'
import * as Metrics from '../Metrics.ts'
import * as ObservationFile from '../ObservationFile.ts'
import * as Config from './Config.ts'
import { GENESIS } from './blockOf.ts'
import * as Reader from './Reader.ts'
import { recheck } from './recheck.ts'
import * as Rows from './Rows.ts'

/**
 * The witness of a design without a chain: reads the table of ballots until it is told to stop, then
 * reads all of it once more. Not independent: it sees what whoever runs the database shows.
 */
await Process.run(Process.reader(Config.Schema), async (config) => {
  const rows = Rows.open(config.postgresUrl)
  // An account that may not read is said at once, not by an empty book at the end.
  await rows.above(0)
  const file = ObservationFile.open(config.observationsFile, GENESIS.number + 1)
  const { record } = file
  const startBytes = statSync(config.observationsFile).size
  const metrics = Metrics.create()
  const reader = Reader.create({
    rows,
    record,
    metrics,
    afterSequence: config.afterSequence,
    now: Date.now,
  })
  const server = await MetricsServer.listen(metrics.registry, config.port)
  const stop = new AbortController()

  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const isMore = await reader.readNext()
      if (isMore) continue
      await sleep(config.pollIntervalMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  const recheckAll = async (): Promise<void> => {
    await reader.finish()
    const endBytes = statSync(config.observationsFile).size
    const recorded = { file: config.observationsFile, startBytes, endBytes }
    const changedCount = await recheck({ rows, recorded, record, now: Date.now })
    if (changedCount > 0) say(`rows changed or vanished in ${changedCount} readings`)
    const forgottenCount = reader.forgottenCount()
    if (forgottenCount > 0) say(`${forgottenCount} gaps in the sequence were not looked into again`)
  }
  const following = follow()

  return {
    url: server.url,
    async close() {
      stop.abort()
      await following
      try {
        await recheckAll()
      } finally {
        file.close()
        await server.close()
        await rows.close()
      }
    },
  }
})

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

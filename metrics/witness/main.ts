import { setTimeout as sleep } from 'node:timers/promises'

import * as MetricsServer from '../../scenarios/runtime/MetricsServer.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import * as BallotCounter from './BallotCounter.ts'
import * as Config from './Config.ts'
import * as Metrics from './Metrics.ts'
import * as ObservationFile from './ObservationFile.ts'
import * as Observer from './Observer.ts'
import * as Rpc from '../rpc/Rpc.ts'

/** Reads the chain until it is told to stop; whole lines only reach the file. */
await Process.run(Process.reader(Config.Schema), async (config) => {
  const file = ObservationFile.open(config.observationsFile, config.fromBlock)
  const metrics = Metrics.create()
  const observer = Observer.create({
    ...config,
    counter: BallotCounter.create(config.target),
    nodes: config.rpcUrls.map((url) => Rpc.connect(url)),
    record: file.record,
    metrics,
    now: Date.now,
  })
  const server = await MetricsServer.listen(metrics.registry, config.port)
  const stop = new AbortController()

  const pause = (): Promise<unknown> =>
    sleep(config.pollIntervalMs, undefined, { signal: stop.signal }).catch(() => {})
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) if (!(await observer.readNext())) await pause()
  }
  const compare = async (peer: Observer.Observer['peers'][number]): Promise<void> => {
    while (!stop.signal.aborted) {
      await observer.compare(peer)
      await pause()
    }
  }
  const loops = [follow(), ...observer.peers.map(compare)]

  return {
    url: server.url,
    async close() {
      stop.abort()
      await Promise.all(loops)
      file.record(observer.sources())
      file.close()
      await server.close()
    },
  }
})

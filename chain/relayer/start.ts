import * as MetricsServer from '../../scenarios/runtime/MetricsServer.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import { createSubmitter } from './submitters/createSubmitter.ts'
import * as Chain from './Chain.ts'
import type * as Config from './Config.ts'
import * as Metrics from './Metrics.ts'
import * as Relayer from './Relayer.ts'
import * as Session from './Session.ts'
import * as Transaction from './Transaction.ts'

/** What a composition root may put in other places: tests do, the product does not. */
export type Seams = {
  openSession: (options: Session.Options) => Promise<Session.Session>
  createChain: typeof Chain.create
}

/** The parts as the product has them. */
export const SEAMS: Seams = { openSession: Session.open, createChain: Chain.create }

/**
 * Composes a relayer and sets it to work. It serves its metrics at once: whether database and nodes
 * are there, it waits for them.
 *
 * @param config - from {@link Config.read}.
 */
export async function start(config: Config.Config, seams: Seams = SEAMS): Promise<Process.Service> {
  const { instance, postgresUrl, leaseMs, host, port } = config
  const privateKey = Process.readKey(config.keyFile)
  const submitter = createSubmitter(config)
  const stop = new AbortController()
  const log = (line: string): void => void process.stderr.write(`relayer ${instance}: ${line}\n`)

  const metrics = Metrics.create(now)
  const server = await MetricsServer.listen(metrics.registry, port, host)
  const onStandby = (): void => log('another process of this instance is at work; standing by')
  // Nobody waits for it before the end: should it break, the process ends with the error.
  const running = Relayer.run({
    openSession: () =>
      seams.openSession({ postgresUrl, instance, leaseMs, signal: stop.signal, onStandby }),
    chain: seams.createChain(config),
    submitter,
    account: Transaction.account({ ...config, privateKey }),
    metrics,
    limits: { ...config, batchBallotsMax: config.batchBallotsMax ?? submitter.batchBallotsMax },
    log,
    now,
    signal: stop.signal,
  })
  return {
    url: server.url,
    async close() {
      stop.abort()
      await running
      await server.close()
    },
  }
}

function now(): number {
  return performance.now()
}

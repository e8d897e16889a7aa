import { createCarrier } from './carriers/createCarrier.ts'
import * as Chain from './Chain.ts'
import * as Config from './Config.ts'
import * as Metrics from './Metrics.ts'
import * as Relayer from './Relayer.ts'
import * as Server from './Server.ts'
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
 * Composes a relayer and runs it until SIGTERM or SIGINT. Prints one line to stdout as soon as it
 * serves its metrics: whether database and nodes are there, it waits for them.
 *
 * @param config - from {@link Config.read}.
 */
export async function start(config: Config.Config, seams: Seams = SEAMS): Promise<void> {
  const { instance, postgresUrl, leaseMs, host, port } = config
  const privateKey = Config.readKey(config.keyFile)
  const carrier = createCarrier(config)
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  const log = (line: string): void => void process.stderr.write(`relayer ${instance}: ${line}\n`)

  const metrics = Metrics.create(now)
  const server = await Server.listen({ host, port, text: () => metrics.text() })
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url })}\n`)
  const onStandby = (): void => log('another process of this instance is at work; standing by')
  await Relayer.run({
    openSession: () =>
      seams.openSession({ postgresUrl, instance, leaseMs, signal: stop.signal, onStandby }),
    chain: seams.createChain(config),
    carrier,
    account: Transaction.account({ ...config, privateKey }),
    metrics,
    limits: { ...config, batchBallotsMax: config.batchBallotsMax ?? carrier.batchBallotsMax },
    log,
    now,
    signal: stop.signal,
  })
  await server.close()
}

function now(): number {
  return performance.now()
}

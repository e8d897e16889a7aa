import { Counter, Registry } from 'prom-client'

import * as MetricsServer from '../runtime/MetricsServer.ts'
import * as Process from '../runtime/Process.ts'
import * as Rpc from '../runtime/Rpc.ts'
import { attacks } from './attacks.ts'
import * as Config from './Config.ts'
import * as Report from './Report.ts'

const TIMEOUT_MS = 3000

/** Runs the attack that its configuration names until it is told to stop. */
await Process.run(
  Process.reader(Config.Schema),
  async ({ attack: name, reportFile, ...config }) => {
    const attack = attacks[name]
    if (attack === undefined) throw new TypeError(`There is no attack ${name}.`)
    const registry = new Registry()
    const answers = new Counter({
      name: 'ballotstorm_attack_answers_total',
      help: 'Answers to an attacker by status; 0 is none.',
      labelNames: ['status'],
      registers: [registry],
    })
    const server = await MetricsServer.listen(registry, config.port)
    const byStatus: Report.Report = {}
    const post = async (url: string, body: unknown): Promise<number> => {
      const { status } = await Rpc.post(url, JSON.stringify(body), {
        timeoutMs: TIMEOUT_MS,
        isKeptAlive: true,
      }).catch(() => ({ status: 0 }))
      answers.inc({ status })
      byStatus[status] = (byStatus[status] ?? 0) + 1
      return status
    }
    let index = 0
    const timer = setInterval(() => {
      void attack.act({ ...config, post }, index)
      index += 1
    }, 1000 / attack.ratePerS)
    return {
      url: server.url,
      async close() {
        clearInterval(timer)
        Report.write(reportFile, byStatus)
        await server.close()
      },
    }
  },
)

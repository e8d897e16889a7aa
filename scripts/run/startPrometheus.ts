import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../chain/processes/freePort.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import {
  prometheusCommand,
  READY_PATH,
  RULES_FILE_URL,
} from '../../metrics/series/prometheusCommand.ts'
import { prometheusConfig, type ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import type { Tool } from '../Tools.ts'
import type { Workshop } from './Workshop.ts'

/** A Prometheus of the run's own. */
export type Prometheus = { url: string; version: string }

/** It opens an empty database: well under a second on a quiet machine. */
const READY_TIMEOUT_MS = 30_000

/** Starts Prometheus over the given targets. */
export async function startPrometheus(
  workshop: Workshop,
  tool: Tool,
  targets: readonly ScrapeTarget[],
): Promise<Prometheus> {
  const { folder, supervisor } = workshop
  const configFile = join(folder.configFolder, 'prometheus.yml')
  writeFileSync(
    configFile,
    prometheusConfig({ targets, ruleFiles: [fileURLToPath(RULES_FILE_URL)] }),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await supervisor.start({
    name: 'prometheus',
    ...prometheusCommand({
      prometheusBinary: tool.path,
      version: tool.version,
      configFile,
      dataFolder: join(folder.dataFolder, 'prometheus'),
      port,
    }),
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(`${url}${READY_PATH}`, { signal: AbortSignal.timeout(1000) })
        return response.ok ? true : undefined
      }),
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return { url, version: tool.version }
}

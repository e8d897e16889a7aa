import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../chain/processes/freePort.ts'
import * as Part from '../../chain/processes/Part.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import {
  prometheusCommand,
  READY_PATH,
  RULES_FILE_URL,
} from '../../metrics/series/prometheusCommand.ts'
import { areTargetsScraped } from '../../metrics/series/areTargetsScraped.ts'
import { prometheusConfig, type ScrapeTarget } from '../../metrics/series/prometheusConfig.ts'
import type { Tool } from '../Tools.ts'
import type { Host } from './Host.ts'

/** A Prometheus of the run's own. */
export type Prometheus = { url: string; version: string; part: Part.Part }

/** It opens an empty database: well under a second on a quiet machine. */
const READY_TIMEOUT_MS = 30_000

/** Starts Prometheus over the given targets. */
export async function startPrometheus(
  host: Host,
  tool: Tool,
  targets: readonly ScrapeTarget[],
): Promise<Prometheus> {
  const { configFolder, dataFolder, supervisor } = host
  const configFile = join(configFolder, 'prometheus.yml')
  writeFileSync(
    configFile,
    prometheusConfig({ targets, ruleFiles: [fileURLToPath(RULES_FILE_URL)] }),
  )
  const ownFolder = join(dataFolder, 'prometheus')
  // What an earlier storm on this host left is not this one's.
  rmSync(ownFolder, { recursive: true, force: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const part = Part.of(supervisor, 'prometheus')
  await supervisor.start({
    name: part.name,
    ...prometheusCommand({
      prometheusBinary: tool.path,
      version: tool.version,
      configFile,
      dataFolder: ownFolder,
      port,
    }),
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(`${url}${READY_PATH}`, { signal: AbortSignal.timeout(1000) })
        return response.ok ? true : undefined
      }),
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  await awaitFirstScrape(url, targets.length)
  return { url, version: tool.version, part }
}

/**
 * The first scrape comes seconds after Prometheus is ready; a storm before it would lack its start.
 * A target that stays away is no reason to wait for ever: an alert and the report tell of it.
 */
async function awaitFirstScrape(url: string, targetCount: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < SCRAPE_TIMEOUT_MS; waitedMs += SCRAPE_POLL_MS) {
    const isScraped = await areTargetsScraped({ url }, targetCount, Date.now()).catch(() => false)
    if (isScraped) return
    await sleep(SCRAPE_POLL_MS)
  }
}

const SCRAPE_TIMEOUT_MS = 15_000
const SCRAPE_POLL_MS = 200

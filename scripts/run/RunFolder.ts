import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where the parts of a run leave what they know. All paths are absolute. */
export type RunFolder = {
  /** For example `peak-2017-20261122-161403`. */
  id: string
  path: string
  planFolder: string
  /** The addresses of those who may vote. */
  registerFile: string
  historyFolder: string
  attemptsFile: string
  probeAttemptsFile: string
  probeReportFile: string
  attackReportFile: string
  handedOverFile: string
  resendsFile: string
  observationsFile: string
  findingsFile: string
  logFolder: string
  /** Data of nodes, database and Prometheus; removed when the run ends. */
  dataFolder: string
  /** Throwaway keys of roles and the configurations of the processes; removed with the data. */
  configFolder: string
  /** Only in a run that was broken off before the first ballot. */
  interruptedFile: string
  recordFile: string
  reportFile: string
}

/**
 * Makes the folder of a new run.
 *
 * @param parent - `--out`; made where it is missing.
 * @param startedAt - names the run, to the second.
 */
export function create(parent: string, scenario: string, startedAt: Date): RunFolder {
  const { id, path } = name(parent, scenario, startedAt)
  const folder = at(path, id)
  const made = [folder.planFolder, folder.historyFolder, folder.logFolder, folder.dataFolder]
  for (const child of [...made, folder.configFolder]) mkdirSync(child, { recursive: true })
  return folder
}

/**
 * A name that no other folder of the parent has, for a run or for several that belong together.
 *
 * @param startedAt - in UTC, to the second.
 */
export function name(parent: string, title: string, startedAt: Date): { id: string; path: string } {
  const stamp = startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const id = freeName(parent, `${title}-${stamp}`)
  return { id, path: join(parent, id) }
}

/** Runs of one second get numbers. */
function freeName(parent: string, wanted: string): string {
  let candidate = wanted
  for (let number = 2; existsSync(join(parent, candidate)); number += 1) {
    candidate = `${wanted}-${number}`
  }
  return candidate
}

function at(path: string, id: string): RunFolder {
  const historyFolder = join(path, 'history')
  return {
    id,
    path,
    planFolder: join(path, 'plan'),
    registerFile: join(path, 'register.bin'),
    historyFolder,
    attemptsFile: join(historyFolder, 'attempts.log'),
    probeAttemptsFile: join(historyFolder, 'probe.log'),
    probeReportFile: join(historyFolder, 'probe.json'),
    attackReportFile: join(historyFolder, 'attack.json'),
    handedOverFile: join(historyFolder, 'handed-over.log'),
    resendsFile: join(historyFolder, 'resends.log'),
    observationsFile: join(path, 'observations.jsonl'),
    findingsFile: join(path, 'findings.jsonl'),
    logFolder: join(path, 'logs'),
    dataFolder: join(path, 'data'),
    configFolder: join(path, 'config'),
    interruptedFile: join(path, 'INTERRUPTED.txt'),
    recordFile: join(path, 'run.json'),
    reportFile: join(path, 'report.html'),
  }
}

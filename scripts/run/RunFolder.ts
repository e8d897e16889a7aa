import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where the parts of a run leave what they know. All paths are absolute. */
export type RunFolder = {
  /** For example `peak-2017-20261122-161403`. */
  id: string
  path: string
  planFolder: string
  historyFolder: string
  attemptsFile: string
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
  const stamp = startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const id = freeName(parent, `${scenario}-${stamp}`)
  const path = join(parent, id)
  const folder = at(path, id)
  const made = [folder.planFolder, folder.historyFolder, folder.logFolder, folder.dataFolder]
  for (const child of [...made, folder.configFolder]) mkdirSync(child, { recursive: true })
  return folder
}

/** Runs of one second get numbers. */
function freeName(parent: string, name: string): string {
  let candidate = name
  for (let number = 2; existsSync(join(parent, candidate)); number += 1) {
    candidate = `${name}-${number}`
  }
  return candidate
}

function at(path: string, id: string): RunFolder {
  const historyFolder = join(path, 'history')
  return {
    id,
    path,
    planFolder: join(path, 'plan'),
    historyFolder,
    attemptsFile: join(historyFolder, 'attempts.log'),
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

import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { Value } from 'typebox/value'

import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import * as ExitCode from '../ExitCode.ts'
import * as HostConfig from './HostConfig.ts'
import * as NetworkState from './NetworkState.ts'
import { validatorNetworks } from './validatorNetworks.ts'

/** Owns a network that stays up between runs: starts it, and stops it when asked to. */
async function main(configFile: string): Promise<number> {
  const config: unknown = JSON.parse(readFileSync(configFile, 'utf8'))
  if (!Value.Check(HostConfig.Schema, config)) {
    for (const { instancePath, message } of Value.Errors(HostConfig.Schema, config)) {
      console.error(`${configFile}${instancePath} ${message}`)
    }
    return ExitCode.BAD_CONFIGURATION
  }
  const { stateFolder, kind, ...options } = config
  const host = ProcessTable.identify(process.pid)
  if (host === undefined) throw new Error('This process is not in /proc.')
  const asked = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.abort())
  NetworkState.write(stateFolder, { host, nodes: [] })
  const supervisor = Supervisor.create({
    logFolder: join(stateFolder, 'logs'),
    onUnexpectedExit: ({ name, code, signal }) => {
      console.error(`${name} ended by itself (${signal ?? `code ${code}`}).`)
    },
  })
  try {
    const dataFolder = join(stateFolder, 'data')
    supervisor.ownFolder(dataFolder)
    const { start } = validatorNetworks[kind]
    const starting = start({ ...options, supervisor, dataFolder, onRetry: console.error })
    const network = await Promise.race([starting, once(asked.signal, 'abort')])
    // Stopping the nodes makes an unfinished start fail, which nobody waits for any more.
    starting.catch(() => undefined)
    if ('rpcUrls' in network) {
      NetworkState.write(stateFolder, { host, nodes: supervisor.list(), network })
      console.log(JSON.stringify({ ready: true, url: network.observerUrl }))
      if (!asked.signal.aborted) await once(asked.signal, 'abort')
    }
    return ExitCode.PASS
  } finally {
    await supervisor.stopAll()
    rmSync(join(stateFolder, 'state.json'), { force: true })
  }
}

try {
  process.exitCode = await main(process.argv[2] ?? '')
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = ExitCode.BAD_CONFIGURATION
}

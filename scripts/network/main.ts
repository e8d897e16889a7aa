import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import * as HostConfig from './HostConfig.ts'
import * as NetworkState from './NetworkState.ts'
import { validatorNetworks } from './validatorNetworks.ts'

/** Owns a network that stays up between runs: starts it, and stops it when asked to. */
await Process.run(Process.reader(HostConfig.Schema), async ({ stateFolder, kind, ...options }) => {
  const host = ProcessTable.identify(process.pid)
  if (host === undefined) throw new Error('This process is not in /proc.')
  // A start takes a minute; it too ends when it is asked to.
  const asked = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.abort())
  NetworkState.write(stateFolder, { host, nodes: [] })
  const supervisor = Supervisor.create({
    logFolder: join(stateFolder, 'logs'),
    onUnexpectedExit: ({ name, code, signal }) => {
      console.error(`${name} ended by itself (${signal ?? `code ${code}`}).`)
    },
  })
  const close = async (): Promise<void> => {
    await supervisor.stopAll()
    rmSync(join(stateFolder, 'state.json'), { force: true })
  }
  try {
    const dataFolder = join(stateFolder, 'data')
    supervisor.ownFolder(dataFolder)
    const { start } = validatorNetworks[kind]
    const starting = start({ ...options, supervisor, dataFolder, onRetry: console.error })
    // Stopping the nodes makes an unfinished start fail, which nobody waits for any more.
    starting.catch(() => undefined)
    const network = await Promise.race([starting, once(asked.signal, 'abort')])
    if ('rpcUrls' in network && !asked.signal.aborted) {
      NetworkState.write(stateFolder, { host, nodes: supervisor.list(), network })
      return { url: network.observerUrl, close }
    }
  } catch (error) {
    await close()
    throw error
  }
  await close()
  return undefined
})

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import { SILENT } from '../Progress.ts'
import * as Host from '../rig/Host.ts'
import { startNetwork } from '../rig/startNetwork.ts'
import * as HostConfig from './HostConfig.ts'
import * as NetworkState from './NetworkState.ts'

/** Owns a network that stays up between runs: starts it, and stops it when asked to. */
await Process.run(
  Process.reader(HostConfig.Schema),
  async ({ stateFolder, kind, binary, ...options }) => {
    const host = ProcessTable.identify(process.pid)
    if (host === undefined) throw new Error('This process is not in /proc.')
    // A start takes a minute; it too ends when it is asked to.
    const asked = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.abort())
    NetworkState.write(stateFolder, { host, nodes: [] })
    const rigHost = Host.create({
      folder: stateFolder,
      progress: { ...SILENT, note: console.error },
      onExit: ({ text }) => console.error(`${text} ended by itself.`),
    })
    const close = async (): Promise<void> => {
      await rigHost.close()
      rmSync(join(stateFolder, 'state.json'), { force: true })
    }
    try {
      const tool = { path: binary }
      const starting = startNetwork(
        rigHost,
        kind,
        { ...options, rpcUrls: [], finality: undefined, allowTargetsFile: undefined },
        { nodes: tool },
      )
      // Stopping the nodes makes an unfinished start fail, which nobody waits for any more.
      starting.catch(() => undefined)
      const started = await Promise.race([starting, once(asked.signal, 'abort')])
      if ('network' in started && !asked.signal.aborted) {
        const { network } = started
        NetworkState.write(stateFolder, {
          host,
          nodes: rigHost.supervisor.list(),
          network: { ...network, validators: network.validators ?? [] },
        })
        return { url: network.observerUrl, close }
      }
    } catch (error) {
      await close()
      throw error
    }
    await close()
    return undefined
  },
)

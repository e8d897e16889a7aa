import { join } from 'node:path'

import type { Run } from '../../metrics/Run.ts'
import type { Progress } from '../Progress.ts'
import * as Host from '../rig/Host.ts'
import type { ResolvedTools } from '../rig/resolveTools.ts'
import type { RigOptions } from '../rig/RigOptions.ts'
import { startNetwork, type NetworkStage } from '../rig/startNetwork.ts'

/**
 * The one network that runs at a time: designs that want the same one take it in turn, so that each
 * is started once. A second one would take CPU from the design that is measured.
 */
export type SharedNetwork = {
  /** Undefined where the design has no chain. */
  use(options: RigOptions, tools: ResolvedTools): Promise<NetworkStage | undefined>
  /** Notes how a phase on it ended; what is not as new is not used again. */
  note(run: Run): Promise<void>
  /** Ends its processes at once. */
  killAll(): void
  close(): Promise<void>
}

type Running = { key: string; host: Host.Host; stage: NetworkStage }

/** @param folder - logs and data of each network lie in a folder of their own in it. */
export function create(folder: string, progress: Progress): SharedNetwork {
  let running: Running | undefined
  /** Also while it starts, so that it can be killed. */
  let host: Host.Host | undefined
  let startCount = 0
  const close = async (): Promise<void> => {
    running = undefined
    await host?.close()
    host = undefined
  }
  return {
    async use(options, tools) {
      const { network: kind } = options
      if (kind === undefined) return undefined
      const key = keyOf(options)
      if (running?.key === key) return running.stage
      await close()
      startCount += 1
      host = Host.create({ folder: join(folder, `network-${startCount}`), progress })
      running = { key, host, stage: await startNetwork(host, kind, options, tools) }
      return running.stage
    },
    async note(run) {
      const hasLeftovers = run.counts.pending > 0 || (running?.host.exits.length ?? 0) > 0
      if (hasLeftovers) await close()
    },
    killAll: () => host?.killAll(),
    close,
  }
}

/** Networks with the same key are the same network. */
export function keyOf(
  options: Pick<RigOptions, 'network' | 'validatorCount' | 'blockTimeMs' | 'gasLimit'>,
): string {
  const { network, validatorCount, blockTimeMs, gasLimit } = options
  return [network ?? 'none', validatorCount, blockTimeMs, gasLimit].join('/')
}

import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import { kinds, type Kind } from '../../chain/networks/kinds.ts'
import * as Tools from '../Tools.ts'

/** The foreign programs of a run. */
export type ResolvedTools = {
  k6: Tools.Tool
  /** What the nodes of the network run; undefined where it brings its own. */
  nodes: (Tools.Tool & { name: Tools.Name }) | undefined
  /** Undefined where none could be had; then `notes` says why. */
  prometheus: Tools.Tool | undefined
  notes: string[]
}

/**
 * Finds or builds every tool before anything is started, so that nothing waits for a compiler.
 *
 * @param network - undefined for a design without a chain.
 * @throws what says how to get a tool without which there is no run.
 */
export async function resolveTools(network: Kind | undefined): Promise<ResolvedTools> {
  const k6 = await Tools.resolve('k6')
  const name = network && kinds[network].tool
  const nodes = name && { name, ...(await Tools.resolve(name)) }
  const notes: string[] = []
  const prometheus = await Tools.resolve('prometheus').catch((error: unknown) => {
    notes.push(`There was no Prometheus: ${explanationOf(error)}`)
    return undefined
  })
  return { k6, nodes, prometheus, notes }
}

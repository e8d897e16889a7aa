import type { Rig } from './buildRig.ts'
import type { Workshop } from './Workshop.ts'

/** Two make a comparison; each more costs a request a block. */
const WITNESS_NODES = 2

/** Before it ends, the witness of a database reads every row once more: 3 s a million. */
const RECHECK_TIMEOUT_MS = 120_000

/**
 * Starts whoever reads where ballots count: the chain, or where there is none the database, over an
 * account that can only read.
 *
 * @returns the URL of its metrics.
 */
export function startWitness(
  workshop: Workshop,
  { network, installation, system }: Pick<Rig, 'network' | 'installation' | 'system'>,
): Promise<string> {
  const { observationsFile } = workshop.folder
  if (installation.target !== undefined && network !== undefined) {
    return workshop.startOwn('witness', 'metrics/witness/main.ts', {
      rpcUrls: [...new Set([network.observerUrl, ...network.rpcUrls])].slice(0, WITNESS_NODES),
      target: installation.target,
      finality: network.finality,
      fromBlock: Math.max(1, installation.fromBlock),
      observationsFile,
      port: 0,
    })
  }
  return workshop.startOwn(
    'witness',
    'metrics/witness/database/main.ts',
    { postgresUrl: system.database?.readOnlyUrl, observationsFile, port: 0 },
    RECHECK_TIMEOUT_MS,
  )
}

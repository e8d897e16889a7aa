import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** The network in a few words, for example `qbft, 4 validators`; a design without one says so. */
export function networkName(network: Run['network']): string {
  if (network === null) return 'no chain'
  const { kind, validators } = network
  return `${kind}, ${validators === null ? 'validators unknown' : Format.counted(validators, 'validator')}`
}

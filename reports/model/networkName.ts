import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** The network in a few words, for example `qbft, 4 validators`; a design without one says so. */
export function networkName({ kind, validators }: Run['network']): string {
  if (kind === 'none') return 'no chain'
  return `${kind}, ${Format.counted(validators, 'validator')}`
}

import * as activeCitizen2017 from './activeCitizen2017.ts'
import * as ballotAnchor from './ballotAnchor.ts'
import * as ballotBox from './ballotBox.ts'
import type { Decoder } from './Decoder.ts'
import type { Kind } from './Target.ts'

/** The decoder of each kind of contract. */
export const DECODERS: Readonly<{ [K in Kind]: Decoder & { kind: K } }> = {
  'ballot-box': ballotBox.decoder,
  anchored: ballotAnchor.decoder,
  'active-citizen-2017': activeCitizen2017.decoder,
}

/** What decodes a contract of this kind. */
export function decoderOf(kind: Kind): Decoder {
  return DECODERS[kind]
}

import * as activeCitizen2017 from './activeCitizen2017.ts'
import * as anchored from './anchored.ts'
import * as ballotBox from './ballotBox.ts'
import type * as Form from './Form.ts'

const DECODERS: Readonly<Record<Form.Name, Form.Decode>> = {
  'ballot-box': ballotBox.decode,
  anchored: anchored.decode,
  'active-citizen-2017': activeCitizen2017.decode,
}

/** Reads the ballots out of a block by the form of the contracts. */
export function decode(name: Form.Name, ...args: Parameters<Form.Decode>): Form.Decoded {
  return DECODERS[name](...args)
}

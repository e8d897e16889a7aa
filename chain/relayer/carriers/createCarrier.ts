import * as Register from '../../../scenarios/ballots/Register.ts'
import type { Config } from '../Config.ts'
import { activeCitizen2017 } from './activeCitizen2017.ts'
import { anchored } from './anchored.ts'
import type { Carrier } from './Carrier.ts'
import { relayed } from './relayed.ts'

/** The carrier that a configuration names. */
export function createCarrier({ carrier, registerFile = '' }: Config): Carrier {
  if (carrier.kind === 'relayed') return relayed(carrier)
  if (carrier.kind === 'anchored') return anchored(carrier)
  return activeCitizen2017({ ...carrier, register: Register.open(registerFile) })
}

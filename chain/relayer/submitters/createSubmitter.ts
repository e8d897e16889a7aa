import * as Register from '../../../scenarios/ballots/Register.ts'
import type { Config } from '../Config.ts'
import { activeCitizen2017 } from './activeCitizen2017.ts'
import { anchored } from './anchored.ts'
import type { BatchSubmitter } from './BatchSubmitter.ts'
import { relayed } from './relayed.ts'

/** The submitter that a configuration names. */
export function createSubmitter({ submitter, registerFile = '' }: Config): BatchSubmitter {
  if (submitter.kind === 'relayed') return relayed(submitter)
  if (submitter.kind === 'anchored') return anchored(submitter)
  return activeCitizen2017({ ...submitter, register: Register.open(registerFile) })
}

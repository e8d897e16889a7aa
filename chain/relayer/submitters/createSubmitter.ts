import * as Register from '../../../scenarios/ballots/Register.ts'
import type { Config } from '../Config.ts'
import { activeCitizen2017 } from './activeCitizen2017.ts'
import { anchored } from './anchored.ts'
import { ballotBox } from './ballotBox.ts'
import type { BatchSubmitter } from './BatchSubmitter.ts'

type Kind = Config['submitter']['kind']

type Options<K extends Kind> = Extract<Config['submitter'], { kind: K }>

/** How ballots get into each kind of contract; a kind without a line here does not compile. */
const SUBMITTERS: {
  [K in Kind]: (options: Options<K>, registerFile: string) => BatchSubmitter
} = {
  'ballot-box': ballotBox,
  anchored,
  'active-citizen-2017': (options, registerFile) =>
    activeCitizen2017({ ...options, register: Register.open(registerFile) }),
}

/** The submitter that a configuration names. */
export function createSubmitter({ submitter, registerFile = '' }: Config): BatchSubmitter {
  return create(submitter.kind, submitter, registerFile)
}

function create<K extends Kind>(
  kind: K,
  options: Options<K>,
  registerFile: string,
): BatchSubmitter {
  return SUBMITTERS[kind](options, registerFile)
}

import * as Anvil from './anvil.ts'
import * as Clique from './clique.ts'
import * as External from './external.ts'
import type { NetworkKind } from './NetworkKind.ts'
import * as Qbft from './qbft.ts'

/** The kinds of network by name. Another one is a file here and a line below. */
export const kinds = {
  qbft: Qbft.kind,
  clique: Clique.kind,
  anvil: Anvil.kind,
  external: External.kind,
} as const satisfies Readonly<Record<string, NetworkKind>>

export type Kind = keyof typeof kinds

/** The kinds that consist of validators, each a process that we start. */
export type ValidatorKind = {
  [Name in Kind]: (typeof kinds)[Name]['choices']['validators'] extends undefined ? never : Name
}[Kind]

function names(): Kind[] {
  return Object.keys(kinds).filter(isKind)
}

function isKind(name: string): name is Kind {
  return name in kinds
}

function hasValidators(name: Kind): name is ValidatorKind {
  return kinds[name].choices.validators !== undefined
}

export const KINDS = names()
export const VALIDATOR_KINDS = KINDS.filter(hasValidators)

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { cacheFolder } from '../cacheFolder.ts'

const IdentitySchema = Type.Object({ pid: Type.Integer(), startTicks: Type.Integer() })

const NetworkSchema = Type.Object({
  kind: Type.String(),
  rpcUrls: Type.Array(Type.String()),
  observerUrl: Type.String(),
  chainId: Type.Integer(),
  genesisHash: Type.String(),
  clientVersion: Type.String(),
  validators: Type.Array(Type.String()),
  blockTimeMs: Type.Integer(),
  gasLimit: Type.Integer(),
})

const StateSchema = Type.Object({
  /** The process that owns the nodes. */
  host: IdentitySchema,
  nodes: Type.Array(Type.Intersect([IdentitySchema, Type.Object({ name: Type.String() })])),
  /** Missing while it starts. */
  network: Type.Optional(NetworkSchema),
})

/** What is known of a network that stays up between runs; kept in `state.json` of its folder. */
export type NetworkState = Static<typeof StateSchema>

/** Holds the state, the logs and the data of the network of that name. */
export function folder(name: string): string {
  return join(cacheFolder(), 'networks', name)
}

/** Undefined where there is no such network. */
export function read(stateFolder: string): NetworkState | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(join(stateFolder, FILE), 'utf8'))
    return Value.Check(StateSchema, state) ? state : undefined
  } catch {
    return undefined
  }
}

/** Replaces the file in one step: no reader sees half of it. */
export function write(stateFolder: string, state: NetworkState): void {
  const unfinished = join(stateFolder, `${FILE}.unfinished`)
  writeFileSync(
    unfinished,
    JSON.stringify(Value.Clean(StateSchema, Value.Clone(state)), undefined, 2),
  )
  renameSync(unfinished, join(stateFolder, FILE))
}

const FILE = 'state.json'

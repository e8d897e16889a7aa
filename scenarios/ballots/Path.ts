import { Type, type Static } from 'typebox'

/** How a ballot leaves the generator: signed, to a voting API; or as a transaction, to a node's JSON-RPC. */
export const Schema = Type.Union([Type.Literal('api'), Type.Literal('rpc')])

export type Path = Static<typeof Schema>

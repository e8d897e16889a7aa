import type * as Witness from '../../scripts/rig/startWitness.ts'
import { hideEvents } from './hideEvents.ts'
import * as RpcProxy from './rpcProxy.ts'

const url = new URL('../../scripts/rig/startWitness.ts?honest', import.meta.url)
const honest: typeof Witness = await import(url.href)

export const { lastSequence, nextBlock, startDatabaseWitness } = honest

/** A witness that reads its first node through a liar; whoever sends ballots meets the node itself. */
export const startWitness: typeof honest.startWitness = async (host, site, number) => {
  const liar = await RpcProxy.start(site.network.observerUrl)
  liar.rewrite(hideEvents)
  return honest.startWitness(
    host,
    { ...site, network: { ...site.network, observerUrl: liar.url } },
    number,
  )
}

import type * as Qbft from '../../chain/networks/qbft.ts'
import { hideEvents } from './hideEvents.ts'
import * as RpcProxy from './rpcProxy.ts'

const url = new URL('../../chain/networks/qbft.ts?honest', import.meta.url)
const honest: typeof Qbft = await import(url.href)

/** Validators, and an observer in front of them that hides the events of batches. */
export const kind: typeof honest.kind = {
  ...honest.kind,
  async start(options) {
    const { network, ...started } = await honest.kind.start(options)
    const liar = await RpcProxy.start(network.observerUrl)
    liar.rewrite(hideEvents)
    return { ...started, network: { ...network, observerUrl: liar.url } }
  },
}

import type * as Anvil from '../../chain/networks/anvil.ts'
import { hideEvents } from './hideEvents.ts'
import * as RpcProxy from './rpcProxy.ts'

const url = new URL('../../chain/networks/anvil.ts?honest', import.meta.url)
const honest: typeof Anvil = await import(url.href)

/** anvil, and an observer in front of it that hides the events of batches. */
export const kind: typeof honest.kind = {
  ...honest.kind,
  async start(options) {
    const { network, ...started } = await honest.kind.start(options)
    const liar = await RpcProxy.start(network.observerUrl)
    liar.rewrite(hideEvents)
    return { ...started, network: { ...network, observerUrl: liar.url } }
  },
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as RpcProxy from '../../helpers/rpcProxy.ts'

/** What may lie in front of two nodes, for one test. */
export type Nodes = {
  first: RpcProxy.RpcProxy
  second: RpcProxy.RpcProxy
  close(): Promise<void>
}

/** @param folder - its observations begin anew. @param urls - of the nodes; both may be the same. */
export async function open(folder: string, urls: readonly [string, string]): Promise<Nodes> {
  const [first, second] = [await RpcProxy.start(urls[0]), await RpcProxy.start(urls[1])]
  writeFileSync(join(folder, 'observations.jsonl'), '')
  return {
    first,
    second,
    async close() {
      await first.close()
      await second.close()
    },
  }
}

import * as Recording from './Recording.ts'
import * as RpcProxy from './rpcProxy.ts'
import * as RpcServer from './rpcServer.ts'

/** A node that tells what a real one told, in front of which a test may lie. */
export type RecordedNode = RpcProxy.RpcProxy & {
  /**
   * What it shows from now on.
   *
   * @param height - of its tip. @default the recording's last block
   */
  show(recording: Recording.Recording, height?: number): void
}

export async function start(
  recording: Recording.Recording,
  height = recording.blocks.length - 1,
): Promise<RecordedNode> {
  let shown = { recording, height }
  const server = await RpcServer.start((call) => answer(shown.recording, shown.height, call))
  const proxy = await RpcProxy.start(server.url)
  return {
    ...proxy,
    show(next, nextHeight = next.blocks.length - 1) {
      shown = { recording: next, height: nextHeight }
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

/** What a node with this height answers: of blocks itself, of the state what the real one told. */
function answer(
  { blocks, receipts, answers }: Recording.Recording,
  height: number,
  call: RpcServer.Call,
): RpcServer.Answer {
  const [first, second] = call.params
  const seen = blocks.slice(0, height + 1)
  if (call.method === 'eth_blockNumber') return { result: `0x${height.toString(16)}` }
  if (call.method === 'eth_getBlockByNumber') {
    const block = seen[String(first).startsWith('0x') ? Number(first) : height]
    if (block === undefined) return { result: null }
    const transactions = block.transactions.map(({ hash }) => hash)
    return { result: second === true ? block : { ...block, transactions } }
  }
  if (call.method === 'eth_getTransactionReceipt') {
    const receipt = receipts[String(first)]
    const isSeen = seen.some(({ hash }) => hash === receipt?.blockHash)
    return { result: isSeen ? receipt : null }
  }
  if (call.method === 'eth_getTransactionByHash') {
    const all = seen.flatMap(({ transactions }) => transactions)
    return { result: all.find(({ hash }) => hash === first) ?? null }
  }
  const key = Recording.keyOf(Recording.at(height, call))
  const message = `nobody asked this when the chain was recorded: ${key}`
  return answers[key] ?? { error: { message } }
}

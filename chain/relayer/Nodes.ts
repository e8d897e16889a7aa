import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** What a node said to a transaction: nothing against it, or why not. */
export type Sent = { accepted: true } | { accepted: false; reason: string }

/** Several nodes of one chain behind one face. */
export type Nodes = {
  /** Asks the node that answered last, then each other one. @throws {UnreachableError} */
  ask(requests: readonly Request[]): Promise<Answer[]>
  /** Like {@link ask}, for one request. @throws {RefusedError} where the node answers with an error. */
  call: (method: string, params: readonly unknown[]) => Promise<unknown>
  /** The answers of all nodes; `undefined` in the place of one that gives none. */
  askEach(method: string, params: readonly unknown[]): Promise<unknown[]>
  /** Hands signed transactions (hex), in their order, each to the first node that takes it. */
  send(raws: readonly string[]): Promise<Sent[]>
}

/** A node on the same machine answers in milliseconds; one that stands still must not cost a lease. */
const TRANSPORT = { timeoutMs: 2000, isKeptAlive: true } as const

/** Answers that mean that the node has the transaction already, in its pool or in a block. */
const HAS_IT = /already known|known transaction|already imported|already exists|nonce too low/i

/** Calls in one request: ten times fewer than nodes take. */
const BATCH_CALLS_MAX = 100

/** Characters of transactions in one request: nodes take 5 MiB, and must answer in time. */
const BATCH_CHARACTERS_MAX = 1 << 20

export type Request = { method: string; params: readonly unknown[] }

/** What a node said to one request. */
export type Answer = { result: unknown } | { error: RefusedError }

/** A node: answers as many requests as it was asked, in their order. */
type Node = (requests: readonly Request[]) => Promise<Answer[]>

/** Connects to nothing yet; connections are kept alive. */
export function over(rpcUrls: readonly string[]): Nodes {
  const nodes: Node[] = rpcUrls.map((url) => (requests) => askNode(url, requests))
  let primary = 0

  async function askAny(requests: readonly Request[]): Promise<Answer[]> {
    let cause: unknown
    for (let tried = 0; tried < nodes.length; tried += 1) {
      try {
        return (await nodes[primary]?.(requests)) ?? []
      } catch (error) {
        cause = error
        primary = (primary + 1) % nodes.length
      }
    }
    throw new UnreachableError(rpcUrls, cause)
  }

  async function call(method: string, params: readonly unknown[]): Promise<unknown> {
    const [answer] = await askAny([{ method, params }])
    if (answer === undefined) throw new RefusedError(method, 'no answer')
    if ('error' in answer) throw answer.error
    return answer.result
  }

  return {
    async ask(requests) {
      const answers: Answer[] = []
      for (let start = 0; start < requests.length; start += BATCH_CALLS_MAX) {
        answers.push(...(await askAny(requests.slice(start, start + BATCH_CALLS_MAX))))
      }
      return answers
    },
    call,
    askEach: (method, params) =>
      Promise.all(
        nodes.map(async (node) => {
          const [answer] = await node([{ method, params }]).catch(() => [])
          return answer === undefined || 'error' in answer ? undefined : answer.result
        }),
      ),
    async send(raws) {
      const sent: Sent[] = []
      for (const part of inParts(raws)) sent.push(...(await sendToAny(nodes, primary, part)))
      return sent
    },
  }
}

/** Cuts texts, in their order, into parts that one request holds. */
function inParts(texts: readonly string[]): string[][] {
  const parts: string[][] = []
  let size = 0
  for (const text of texts) {
    const last = parts.at(-1)
    const hasRoom = last !== undefined && last.length < BATCH_CALLS_MAX
    if (hasRoom && size + text.length <= BATCH_CHARACTERS_MAX) last.push(text)
    else parts.push([text])
    size = parts.at(-1)?.length === 1 ? text.length : size + text.length
  }
  return parts
}

/** A refusal by one node may be that node's own trouble (a full pool), so each is asked once. */
async function sendToAny(
  nodes: readonly Node[],
  first: number,
  texts: readonly string[],
): Promise<Sent[]> {
  const sent: (Sent | undefined)[] = texts.map(() => undefined)
  let cause: unknown
  for (let tried = 0; tried < nodes.length; tried += 1) {
    const open = texts.flatMap((text, index) =>
      sent[index]?.accepted === true ? [] : [{ text, index }],
    )
    if (open.length === 0) break
    try {
      const answers = await nodes[(first + tried) % nodes.length]?.(
        open.map(({ text }) => ({ method: 'eth_sendRawTransaction', params: [text] })),
      )
      open.forEach(({ index }, place) => (sent[index] = toSent(answers?.[place])))
    } catch (error) {
      cause = error
    }
  }
  return sent.map((each) => {
    if (each === undefined) throw new UnreachableError([`${nodes.length} nodes`], cause)
    return each
  })
}

function toSent(answer: Answer | undefined): Sent {
  if (answer === undefined) return { accepted: false, reason: 'no answer' }
  if (!('error' in answer) || HAS_IT.test(answer.error.reason)) return { accepted: true }
  return { accepted: false, reason: answer.error.reason }
}

/** Asks one node. @throws where it does not answer, or answers nonsense. */
async function askNode(url: string, requests: readonly Request[]): Promise<Answer[]> {
  const answers = await Rpc.batch(url, requests, TRANSPORT)
  return requests.map(({ method }, index) => {
    const answer = answers[index]
    if (answer === undefined) throw new TypeError(`${method}: the answer is no JSON-RPC`)
    return 'error' in answer ? { error: new RefusedError(method, answer.error) } : answer
  })
}

/** No node answers the relayer; it asks again. */
export class UnreachableError extends BallotstormError {
  override readonly name = 'Nodes.UnreachableError'
  readonly code = 'RELAYER_CHAIN_UNREACHABLE'
  readonly exitCode = 107
  readonly remedy = 'Check that a node runs there; the relayer goes on as soon as one answers.'
  constructor(rpcUrls: readonly string[], cause: unknown) {
    super(`No node answers (${rpcUrls.join(', ')}).`, {
      cause,
    })
  }
}

/** A node answered the relayer with an error. */
export class RefusedError extends BallotstormError {
  override readonly name = 'Nodes.RefusedError'
  readonly code = 'CHAIN_REFUSED'
  readonly exitCode = 107
  readonly remedy = 'See the log of the node.'
  readonly reason: string
  constructor(method: string, reason: string) {
    super(`The node refused ${method}: ${reason}.`)
    this.reason = reason
  }
}

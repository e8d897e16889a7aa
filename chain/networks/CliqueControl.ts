import { connect } from 'node:net'

import { Type, type Static, type TSchema } from 'typebox'

import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** What a node's operator can do and voters cannot: its calls go through a socket in its folder. */
export type CliqueControl = {
  /** Whether the account that seals is unlocked. */
  isUnlocked(address: string): Promise<boolean>
  /** The node takes transactions without a gas price; its flag for that has a least value. */
  acceptFree(): Promise<void>
  peerCount(): Promise<number>
  /** Answers success also while the account is locked: see {@link CliqueControl.isUnlocked}. */
  startSealing(): Promise<void>
}

const TIMEOUT_MS = 5_000
/** What we ask for is answered in one line. */
const ANSWER_BYTES_MAX = 64 * 1024

/** @param path - the socket; calls throw {@link Rpc.CallError} while nobody listens there. */
export function create(path: string): CliqueControl {
  return {
    async isUnlocked(address) {
      return call(path, { method: 'eth_sign', params: [address, '0x'] }, Type.String()).then(
        () => true,
        () => false,
      )
    },
    async acceptFree() {
      await call(path, { method: 'miner_setGasPrice', params: ['0x0'] }, Type.Literal(true))
    },
    async peerCount() {
      return Number(await call(path, { method: 'net_peerCount' }, Rpc.Quantity))
    },
    async startSealing() {
      await call(path, { method: 'miner_start' }, Type.Null())
    },
  }
}

async function call<Schema extends TSchema>(
  path: string,
  asked: Rpc.Call,
  schema: Schema,
): Promise<Static<Schema>> {
  return Rpc.exchange({ url: path, asked }, schema, (body) => send(path, body))
}

/** The node answers each request with one line. */
function send(path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let answer = ''
    const fail = (reason: string): void => {
      socket.destroy()
      reject(new Error(reason))
    }
    socket.setEncoding('utf8')
    socket.setTimeout(TIMEOUT_MS, () => fail(`no answer within ${TIMEOUT_MS} ms`))
    socket.once('error', reject)
    socket.once('close', () => fail('the connection was closed'))
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (answer.length > ANSWER_BYTES_MAX) fail(`more than ${ANSWER_BYTES_MAX} bytes`)
      if (!answer.includes('\n')) return
      resolve(answer)
      socket.destroy()
    })
    // Not ended with it: the node leaves where nobody is to hear the answer.
    socket.write(`${body}\n`)
  })
}

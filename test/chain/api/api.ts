import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import { DOMAIN, RECEIPT_KEY, writeRegister } from './city.ts'
import { own } from '../../helpers/own.ts'

export type Answer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** As it was sent. */
  text: string
  json: {
    code?: string
    state?: string
    receipt?: Receipt.Receipt
    polls?: { pollId: number }[]
    reasons?: string[]
  }
}

/** A real API process. */
export type Api = {
  url: string
  pid: number
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer>
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  dispose(): Promise<void>
}

export const VOTERS = 6000

export async function start(postgresUrl: string, config: object = {}): Promise<Api> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-api-'))
  const receiptKeyFile = join(folder, 'receipt.key')
  writeFileSync(receiptKeyFile, RECEIPT_KEY.toString('hex'))
  const configFile = join(folder, 'api.json')
  writeFileSync(
    configFile,
    JSON.stringify({
      postgresUrl,
      receiptKeyFile,
      chainId: DOMAIN.chainId,
      verifyingContract: DOMAIN.verifyingContract,
      registerFile: writeRegister(folder, VOTERS),
      rpcUrl: 'http://127.0.0.1:9',
      blockTimeMs: 1000,
      ...config,
    }),
  )
  const child = own(
    spawn(process.execPath, ['chain/api/main.ts', configFile], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    }),
  )
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line]: string[] = await once(lines, 'line')
  const { url }: { url: string } = JSON.parse(line ?? '')
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    child.kill(signal)
    await exited
    return child.exitCode
  }

  return {
    url,
    pid: child.pid ?? 0,
    call: (method, path, body) => call(agent, method, url + path, body),
    stop,
    async dispose() {
      agent.destroy()
      await stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function call(agent: Agent, method: string, url: string, body: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const outgoing = request(url, { method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        const isJson = String(response.headers['content-type']).includes('json')
        const json: Answer['json'] = isJson ? JSON.parse(text) : {}
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : payload)
  })
}

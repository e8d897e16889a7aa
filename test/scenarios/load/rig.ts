import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import { k6Command, type Options as K6Options } from '../../../scenarios/load/k6Command.ts'
import { tool } from '../../helpers/tool.ts'
import { own } from '../../helpers/own.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export type Arrival = { atMs: number; path: string; body: string }

/** A voting API of the test: it notes what arrives and answers as `answer` says. */
export async function server(
  answer: (arrival: Arrival, response: ServerResponse) => void = accept,
): Promise<{ url: string; arrivals: Arrival[]; close: () => Promise<void> }> {
  const arrivals: Arrival[] = []
  const http = createServer((request, response) => {
    void serve(request, response)
  })
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrival = { atMs: Date.now(), path: request.url ?? '', body: await read(request) }
    arrivals.push(arrival)
    answer(arrival, response)
  }
  http.keepAliveTimeout = 60_000
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    arrivals,
    async close() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

export function accept(_: Arrival, response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"receipt":{}}')
}

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

export type Running = {
  child: ChildProcess
  url: string
  stderr: () => string
  stop: () => Promise<number | null>
}

/** One of our processes, once it has said that it is ready. */
export async function start(main: string, configFile: string, config: unknown): Promise<Running> {
  writeFileSync(configFile, JSON.stringify(config))
  const child = own(
    spawn(process.execPath, [join(ROOT, main), configFile], { stdio: 'pipe', detached: true }),
  )
  let stderr = ''
  let stdout = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  const exited = once(child, 'exit')
  while (!/"ready":true.*\n/.test(stdout)) {
    if (child.exitCode !== null)
      throw new Error(`${main} ended early with ${child.exitCode}: ${stderr}`)
    await sleep(20)
  }
  const url = Value.Parse(Type.Object({ url: Type.String() }), JSON.parse(stdout)).url
  return {
    child,
    url,
    stderr: () => stderr,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
  }
}

/** A feeder for the plan in `folder`; its history is `handed.log` there. */
export function feeder(folder: string, config: Record<string, unknown> = {}): Promise<Running> {
  return start('scenarios/load/feeder/main.ts', join(folder, 'feeder.json'), {
    planFolder: folder,
    historyFile: join(folder, 'handed.log'),
    ...config,
  })
}

/** k6 on a plan; its history is `attempts.log` in the folder. */
export async function k6(
  folder: string,
  options: Pick<K6Options, 'feederUrl' | 'targets' | 'plan'> & Partial<K6Options>,
  moreEnv: Record<string, string> = {},
): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const { command, args, env } = k6Command({
    k6Binary: await tool('k6'),
    historyFile: join(folder, 'attempts.log'),
    ...options,
  })
  const child = own(
    spawn(command, args, {
      env: { ...env, ...moreEnv },
      stdio: 'inherit',
      cwd: folder,
      detached: true,
    }),
  )
  return { child, ended: once(child, 'exit').then(() => child.exitCode) }
}

/** Begins the storm as soon as k6 asks for ballots; gives its first instant in Unix ms. */
export async function begin(feederUrl: string, inMs = 500): Promise<number> {
  for (;;) {
    const status = await (await fetch(`${feederUrl}/status`)).json()
    if (Value.Parse(Type.Object({ waiting: Type.Number() }), status).waiting > 0) break
    await sleep(50)
  }
  const startAtMs = Date.now() + inMs
  const response = await fetch(`${feederUrl}/start`, {
    method: 'POST',
    body: JSON.stringify({ startAtMs }),
  })
  if (response.status !== 204) throw new Error(await response.text())
  return startAtMs
}

export function attempts(folder: string): HistoryLine.Attempt[] {
  return lines(join(folder, 'attempts.log')).map((line) => {
    const attempt = HistoryLine.parseAttempt(line)
    if (attempt === undefined) throw new Error(`no attempt: ${line}`)
    return attempt
  })
}

export function handOvers(folder: string): HistoryLine.HandOver[] {
  return lines(join(folder, 'handed.log')).map((line) => {
    const handOver = HistoryLine.parseHandOver(line)
    if (handOver === undefined) throw new Error(`no hand-over: ${line}`)
    return handOver
  })
}

/** The lines of a history but those that say where it ends. */
function lines(file: string): string[] {
  if (!existsSync(file)) return []
  const all = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return all.filter((line) => HistoryLine.parseEnd(line) === undefined)
}

/** The value below which the share `p` of the numbers lies. */
export function percentile(numbers: readonly number[], p: number): number {
  const sorted = numbers.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms))
}

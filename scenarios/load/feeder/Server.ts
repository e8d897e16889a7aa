import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { listen, type Listening } from '../../runtime/listen.ts'
import * as MetricsServer from '../../runtime/MetricsServer.ts'
import type { HandOver } from '../HistoryLine.ts'
import * as Slice from '../Slice.ts'
import type { Feeder, Lane } from './Feeder.ts'
import type { Metrics } from './Metrics.ts'

export type Options = {
  feeder: Feeder
  metrics: Metrics
  /** Called before the answer is sent, so that nothing leaves without a trace. */
  record: (handOver: HandOver) => void
  now: () => number
  port: number
}

/** A VU is kept waiting at most so long, then told to ask again: well below its own time-out. */
const HOLD_MS_MAX = 5000

/** Longest sleep while waiting; before the start, how soon a VU notices it. */
const NAP_MS_MAX = 50

/** POST /start carries one number. */
const START_BODY_BYTES_MAX = 1024

const StartSchema = Type.Object({ startAtMs: Type.Number({ minimum: 0 }) })

/**
 * Serves:
 * - `GET /slice`: 200 with the next slice as soon as it is due (a slice of no ballots means "ask
 *   again"), 204 when the plan is exhausted or its time is over;
 * - `GET /probe`: the same with the next ballot of the probe;
 * - `POST /start` `{"startAtMs": Unix ms}`: begins the storm; 204;
 * - `GET /status`: `{startAtMs, handed, ballotCount, waiting}`; waiting VUs mean that k6 is ready;
 * - `GET /metrics`.
 */
export async function serve(options: Options): Promise<Listening> {
  const closing = new AbortController()
  let waiting = 0

  const { k6, probe } = options.feeder
  const slice = async (response: ServerResponse): Promise<void> => {
    waiting += 1
    try {
      await answerSlice(options, k6, response, closing.signal)
    } finally {
      waiting -= 1
    }
  }
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /slice':
        return slice(response)
      case 'GET /probe':
        return answerSlice(options, probe, response, closing.signal)
      case 'POST /start':
        return answerStart(options, request, response)
      case 'GET /status':
        return json(response, { ...options.feeder.state(), waiting })
      case 'GET /metrics':
        return MetricsServer.answer(options.metrics.registry, response)
      default:
        response.writeHead(404).end()
    }
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  const listening = await listen(server, options.port)
  return {
    url: listening.url,
    close() {
      closing.abort()
      return listening.close()
    },
  }
}

async function answerSlice(
  { metrics, record, now }: Options,
  lane: Lane,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const askAgainAtMs = now() + HOLD_MS_MAX
  for (;;) {
    // A VU that is gone must not take ballots with it.
    if (response.destroyed) return
    const dueAtMs = closing.aborted ? 'end' : lane.dueAtMs()
    if (dueAtMs === 'end') {
      response.writeHead(204, closing.aborted ? { connection: 'close' } : {}).end()
      return
    }
    const nowMs = now()
    if (dueAtMs !== undefined && dueAtMs <= nowMs) break
    if (nowMs >= askAgainAtMs) return send(response, Slice.encode(0, []))
    const napMs = Math.min(NAP_MS_MAX, (dueAtMs ?? Infinity) - nowMs)
    await new Promise((resume) => setTimeout(resume, Math.max(1, napMs)))
  }
  const { handOver, lateMs, bytes } = lane.take()
  record(handOver)
  metrics.handed(handOver.count, lateMs)
  send(response, bytes)
}

async function answerStart(
  { feeder }: Options,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > START_BODY_BYTES_MAX) break
  }
  const body = parse(text)
  if (!Value.Check(StartSchema, body)) {
    response.writeHead(400).end('The body must be {"startAtMs": Unix milliseconds}.\n')
    return
  }
  feeder.start(body.startAtMs)
  response.writeHead(204).end()
}

function send(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.length,
  })
  response.end(bytes)
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { toBody, type CityBallot } from './systemCity.ts'

/** A crowd that posts ballots to the API and remembers what it was told. */
export type Voters = {
  /** Requests that wait for an answer now. */
  pending(): ReadonlySet<number>
  /** Resolves when a burst of requests has just left, and is surely not answered yet. */
  nextBurst(): Promise<void>
  /** Requests that ended without a definite answer. */
  broken(): ReadonlySet<number>
  acknowledged(): CityBallot[]
  /** Ballots that were sent and got no definite answer, whatever they were told before. */
  unanswered(): CityBallot[]
  /** Refusals by their code. */
  refusals(): ReadonlyMap<string, number>
  /** No new voters; those under way try on until they have an answer or give up. */
  finish(): Promise<void>
}

export type Options = {
  url: string
  pollId: number
  /** The ballot of voter k; `undefined` past the last. */
  ballot: (voter: number) => CityBallot | undefined
  ratePerS: number
}

/** Voters come in bursts, so that requests are under way most of the time. */
const BURST_INTERVAL_MS = 50
const ATTEMPTS_MAX = 40
const ATTEMPT_PAUSE_MS = 400
const ANSWER_TIMEOUT_MS = 8000

/** Lets voters come at a steady rate until told to stop. */
export function start(options: Options): Voters {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const pending = new Set<number>()
  const broken = new Set<number>()
  const acknowledged: CityBallot[] = []
  const unanswered: CityBallot[] = []
  const refusals = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  const onBurst: (() => void)[] = []
  const stop = new AbortController()
  let requests = 0

  async function vote(ballot: CityBallot): Promise<void> {
    let isDoubtful = false
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const id = requests++
      pending.add(id)
      const answer = await post(agent, options, ballot)
      pending.delete(id)
      if (answer.status === 202) {
        acknowledged.push(ballot)
        return
      }
      if (answer.status === 0 || answer.status === 500) {
        isDoubtful = true
        broken.add(id)
      }
      refusals.set(answer.code, (refusals.get(answer.code) ?? 0) + 1)
      if (answer.status === 410) break
      await sleep(ATTEMPT_PAUSE_MS)
    }
    if (isDoubtful) unanswered.push(ballot)
  }

  async function come(): Promise<void> {
    const startMs = performance.now()
    for (let voter = 0; !stop.signal.aborted;) {
      const due = ((performance.now() - startMs) / 1000) * options.ratePerS
      for (; voter < due; voter += 1) {
        const ballot = options.ballot(voter)
        if (ballot === undefined) return
        const voting = vote(ballot).finally(() => underWay.delete(voting))
        underWay.add(voting)
      }
      for (const resolve of onBurst.splice(0)) resolve()
      await sleep(BURST_INTERVAL_MS)
    }
  }
  const coming = come()

  return {
    pending: () => new Set(pending),
    nextBurst: () => new Promise((resolve) => onBurst.push(resolve)),
    broken: () => broken,
    acknowledged: () => [...acknowledged],
    unanswered: () => [...unanswered],
    refusals: () => refusals,
    async finish() {
      stop.abort()
      await coming
      await Promise.all(underWay)
      agent.destroy()
    },
  }
}

type Answer = { status: number; code: string }

function post(agent: Agent, { url, pollId }: Options, ballot: CityBallot): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ status: 0, code: error.message })
    const outgoing = request(
      `${url}/polls/${pollId}/ballots`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json' },
        timeout: ANSWER_TIMEOUT_MS,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', fail)
        response.on('end', () => {
          const code = /"code":"(\w+)"/.exec(text)?.[1] ?? String(response.statusCode)
          resolve({ status: response.statusCode ?? 0, code })
        })
      },
    )
    outgoing.on('error', fail)
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.end(toBody(ballot))
  })
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import type { PollOnChain } from '../../chain/contracts/deploy.ts'
import * as TargetGate from '../../chain/networks/TargetGate.ts'
import { UsageError } from '../UsageError.ts'
import type { Host } from './Host.ts'

/** What somebody who wrote an API of their own needs to know of this run; the file `site.json`. */
export type Site = {
  rpcUrls: string[]
  chainId: number
  verifyingContract: string
  registerFile: string
  /** The key of the account that may carry ballots to the contract, where only one may. */
  submitterKeyFile: string | undefined
  /** Missing until they are opened. */
  polls: PollOnChain[] | undefined
}

/** The user starts the API once they have `site.json`. */
const READY_TIMEOUT_MS = 300_000

/** From the opening of the polls until the API must list them. */
export const POLLS_TIMEOUT_MS = 20_000

const POLL_INTERVAL_MS = 500
const REQUEST_TIMEOUT_MS = 5000

/** An API answers at most so many polls a page, whatever it is asked for. */
const PAGE_POLLS = 100

const Listed = Type.Object({
  pollId: Type.Integer(),
  question: Type.String(),
  options: Type.Array(Type.String()),
  closesAt: Type.Integer(),
  sealsAt: Type.Integer(),
})
const Page = Type.Object({ polls: Type.Array(Listed) })

/**
 * The URL of somebody else's API, checked: loopback, or a target that a file allows.
 *
 * @throws TargetGate.NotAllowedError, TargetGate.AllowFileError
 */
export async function gate(url: string, allowTargetsFile: string | undefined): Promise<string> {
  const permissions =
    allowTargetsFile === undefined ? [] : TargetGate.readPermissions(allowTargetsFile)
  return (await TargetGate.open(url, permissions, Date.now())).url
}

/** An API of somebody else's that is ready, and how it hears of the polls. */
export type Connection = {
  /**
   * Writes down the polls, and waits until the API lists them as they are.
   *
   * @throws {UsageError} names the poll that is missing or different.
   */
  announcePolls(polls: readonly PollOnChain[]): Promise<void>
}

/**
 * Writes down what the API must know, and waits until it says that it is ready.
 *
 * @throws {UsageError} where it does not within five minutes.
 */
export async function connect(host: Host, url: string, site: Site): Promise<Connection> {
  const file = join(host.folder, 'site.json')
  const write = (known: Site): void =>
    writeFileSync(file, `${JSON.stringify(known, undefined, 2)}\n`)
  write(site)
  host.progress.note(`what the API must know stands in ${file}`)
  host.progress.step(`waiting for ${url}/readyz`)
  await awaitReady(url)
  return {
    announcePolls(polls) {
      write({ ...site, polls: [...polls] })
      return awaitPolls(url, polls)
    },
  }
}

async function awaitReady(url: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    const response = await get(`${url}/readyz`).catch(() => undefined)
    if (response?.ok === true) return
    await sleep(POLL_INTERVAL_MS)
  }
  throw new UsageError([`--api: ${url}/readyz did not answer 200 within five minutes.`])
}

async function awaitPolls(url: string, polls: readonly PollOnChain[]): Promise<void> {
  let missing: string | undefined
  for (let waitedMs = 0; waitedMs < POLLS_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    missing = await firstDifference(url, polls).catch(String)
    if (missing === undefined) return
    await sleep(POLL_INTERVAL_MS)
  }
  throw new UsageError([`--api: ${url}/polls does not tell what the chain holds: ${missing}.`])
}

async function firstDifference(
  url: string,
  polls: readonly PollOnChain[],
): Promise<string | undefined> {
  const listed = new Map((await list(url, polls.length)).map((poll) => [poll.pollId, poll]))
  for (const poll of polls) {
    const theirs = listed.get(poll.pollId)
    if (theirs === undefined) return `poll ${poll.pollId} is missing`
    const fields = ['question', 'options', 'closesAt', 'sealsAt'] as const
    const other = fields.find((name) => !Value.Equal(theirs[name], poll[name]))
    if (other !== undefined) {
      const [has, wants] = [theirs[other], poll[other]].map((value) => JSON.stringify(value))
      return `${other} of poll ${poll.pollId} is ${has}, not ${wants}`
    }
  }
  return undefined
}

async function list(url: string, count: number): Promise<Static<typeof Listed>[]> {
  const polls: Static<typeof Listed>[] = []
  while (polls.length < count) {
    const after = polls.at(-1)?.pollId ?? 0
    const response = await get(`${url}/polls?after=${after}&limit=${PAGE_POLLS}`)
    const page: unknown = await response.json()
    if (!Value.Check(Page, page)) throw new TypeError('the answer is no list of polls')
    if (page.polls.length === 0) break
    polls.push(...page.polls)
  }
  return polls
}

function get(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), redirect: 'error' })
}

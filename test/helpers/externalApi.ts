import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { JsonRpcProvider, Wallet } from 'ethers'

import * as Address from '../../scenarios/ballots/Address.ts'
import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'
import type { Site } from '../../scripts/rig/ExternalApi.ts'

/** A ballot as the API took it, in the order of arrival. */
export type Taken = Anchor.Anchored & { arrival: number }

/** What the API writes to the chain for a ballot that it has acknowledged: an honest one, itself. */
export type Lie = (ballot: Taken) => Anchor.Anchored[]

/** A voting API that somebody else wrote, for the design `anchored`; it may lie. */
export type ExternalApi = {
  url: string
  receiptSigner: string
  /** Lets it know the run: from here on it is ready. */
  meet(siteFile: string): void
  /** All that it has acknowledged. */
  taken: readonly Taken[]
  close(): Promise<void>
}

const RECEIPT_KEY = Buffer.alloc(32, 7)
const CARRY_INTERVAL_MS = 400

/** Starts it on a free port; whatever it acknowledges is carried as the lie says. */
export async function start(lie: Lie): Promise<ExternalApi> {
  const taken: Taken[] = []
  const queue: Anchor.Anchored[] = []
  let siteFile: string | undefined
  const site = (): Site | undefined =>
    siteFile === undefined ? undefined : JSON.parse(readFileSync(siteFile, 'utf8'))
  const works: Works = { site, taken, queue, lie, isCarrying: false }
  const server = createServer((request, response) => {
    void handle({ request, response }, works).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const timer = setInterval(() => void carry(works).catch(() => undefined), CARRY_INTERVAL_MS)
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    receiptSigner: Address.toHex(Address.fromPrivateKey(RECEIPT_KEY)),
    meet: (file) => void (siteFile = file),
    taken,
    async close() {
      clearInterval(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Call = { request: IncomingMessage; response: ServerResponse }
type Works = {
  site: () => Site | undefined
  taken: Taken[]
  queue: Anchor.Anchored[]
  lie: Lie
  isCarrying: boolean
}

async function handle({ request, response }: Call, works: Works): Promise<void> {
  const known = works.site()
  const { pathname } = new URL(request.url ?? '/', 'http://here')
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (known === undefined) return answer(503, { ready: false })
  if (pathname === '/readyz') return answer(200, { ready: true, reasons: [] })
  if (pathname === '/polls') return answer(200, { polls: known.polls ?? [] })
  const pollId = Number(/^\/polls\/(\d+)\/ballots$/.exec(pathname)?.[1])
  const poll = known.polls?.find((one) => one.pollId === pollId)
  if (poll === undefined) return answer(404, { error: 'no such poll' })
  const body: { voter: string; voterIndex: number; choice: number } = JSON.parse(
    await text(request),
  )
  const { chainId, verifyingContract } = known
  const digest = Ballot.digest(Ballot.domainSeparator({ chainId, verifyingContract }), {
    pollId,
    pollDigest: Buffer.from(poll.pollDigest.slice(2), 'hex'),
    choice: body.choice,
  })
  const voter = Buffer.from(body.voter.slice(2), 'hex')
  const { voterIndex, choice } = body
  const ballot = { pollId, voterIndex, choice, arrival: works.taken.length }
  works.taken.push(ballot)
  works.queue.push(...works.lie(ballot))
  const receipt = Receipt.sign(
    {
      ballotHash: `0x${Ballot.hash(digest, voter).toString('hex')}`,
      pollId,
      acceptedAtMs: Date.now(),
      sealsAt: poll.sealsAt,
    },
    RECEIPT_KEY,
  )
  answer(202, { receipt })
}

/** Anchors what has gathered; one transaction at a time, each waited for. */
async function carry(works: Works): Promise<void> {
  const { queue, isCarrying } = works
  const site = works.site()
  if (site?.submitterKeyFile === undefined || queue.length === 0 || isCarrying) return
  works.isCarrying = true
  const provider = new JsonRpcProvider(site.rpcUrls[0], undefined, { staticNetwork: true })
  try {
    const ballots = queue.splice(0).toSorted((a, b) => a.pollId - b.pollId)
    const key = readFileSync(site.submitterKeyFile, 'utf8').trim()
    const sent = await new Wallet(`0x${key.replace(/^0x/, '')}`, provider).sendTransaction({
      to: site.verifyingContract,
      data: Anchor.ballotAnchor.encodeFunctionData('anchor', [
        Anchor.root(ballots),
        Anchor.encode(ballots),
      ]),
      gasLimit: 5_000_000,
      gasPrice: 0,
      type: 0,
    })
    await sent.wait()
  } finally {
    provider.destroy()
    works.isCarrying = false
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('It has no port.')
  return address.port
}

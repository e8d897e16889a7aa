import { describe, expect, test } from 'vitest'

import { audit } from '../../../metrics/audit/audit.ts'
import * as City from '../City.ts'
import { mined } from './mined.ts'

describe('audit', () => {
  test('behavior: agrees with the books of the same run', async () => {
    const city = await City.found('api')
    try {
      city.writeHistory()
      await mined(city.anvil, await city.send(...Array.from({ length: 24 }, (_, index) => index)))
      await city.seal()
      const rpcUrls = [city.anvil.url]
      const observations = await city.observe({ rpcUrls, untilFinal: await city.anvil.height() })
      const books = await city.reconcile(observations)
      const { polls, findings } = await audit({ rpcUrls, contract: city.ballotBox })
      expect({ final: books.counts.final, findings: findings.count }).toEqual({
        final: 24,
        findings: 0,
      })
      expect(polls.map(({ pollId, recount }) => ({ pollId, votes: recount }))).toEqual(
        books.recount,
      )
    } finally {
      await city.dispose()
    }
  }, 60_000)

  test("behavior: voters' own transactions, found by threads too", async () => {
    const city = await City.found('rpc')
    try {
      const hashes = await Promise.all([0, 1, 2, 3].map((ballot) => city.send(ballot)))
      await Promise.all(hashes.map((hash) => mined(city.anvil, hash)))
      const result = await audit({ rpcUrls: [city.anvil.url], contract: city.ballotBox })
      expect(result.findings.count).toBe(0)
      const [poll] = result.polls
      expect(poll?.recount.reduce((sum, count) => sum + count, 0)).toBe(4)
      expect(poll?.tally).toEqual(poll?.recount)
      expect(result.checks).toMatchObject({ signatures: 4, transactions: 4 })
      const options = { rpcUrls: [city.anvil.url], contract: city.ballotBox, threads: 2 }
      expect(await audit(options)).toEqual(result)
    } finally {
      await city.dispose()
    }
  }, 60_000)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { audit } from '../../../metrics/audit/audit.ts'
import * as RecordedCity from '../RecordedCity.ts'

const DEAD = 'http://127.0.0.1:1'

/** A node that gives no answer is asked three times, which takes a while. */
let city: RecordedCity.RecordedCity
beforeAll(async () => {
  city = await RecordedCity.open('ballot-box')
})
afterAll(() => city.dispose())

describe('audit', { timeout: 30_000 }, () => {
  test('behavior: an empty folder of receipts, and a dead second node, are not checked', async () => {
    const receiptsFolder = mkdtempSync(join(tmpdir(), 'ballotstorm-receipts-'))
    const rpcUrls = [city.node.url, DEAD]
    const result = await audit({ rpcUrls, contract: city.ballotBox, receiptsFolder })
    rmSync(receiptsFolder, { recursive: true })
    expect(result.findings.listed).toEqual([])
    expect(result.notChecked).toContain('Receipts: the folder holds none.')
    expect(result.notChecked).toContain('What 127.0.0.1:1 shows: it gave no answer.')
  })

  test('behavior: a dead first node is not the end where the second one lives', async () => {
    const contract = city.ballotBox
    const [both, one] = await Promise.all([
      audit({ rpcUrls: [DEAD, city.node.url], contract }),
      audit({ rpcUrls: [city.node.url], contract }),
    ])
    expect(both.polls[0]?.recount).toEqual(one.polls[0]?.recount)
    expect(both.nodes).toMatchObject([{ node: '127.0.0.1:1', height: -1 }])
  })
})

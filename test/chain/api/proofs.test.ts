import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as System from '../../helpers/system.ts'
import type { CityBallot } from '../../helpers/systemCity.ts'

let system: System.System
let apiUrl = ''

beforeAll(async () => {
  system = await System.onAnvil({ design: 'anchored' })
  apiUrl = (await system.startApi(await system.apiConfig())).url
}, 60_000)
afterAll(() => system.dispose(), 30_000)

async function fetchReceipt(ballot: CityBallot): Promise<Record<string, unknown>> {
  const answer = await fetch(`${apiUrl}/receipts/0x${ballot.ballotHash.toString('hex')}`)
  return fieldsOf(await answer.json())
}

describe('GET /receipts/{id}', { timeout: 60_000 }, () => {
  test('default: no proof before the ballot is in a block, then one that verifies offline', async () => {
    const ballots = system.ballots(0, 20)
    const [first] = ballots
    if (first === undefined) throw new Error('none')
    await system.acknowledge(ballots)
    expect(await fetchReceipt(first)).not.toHaveProperty('proof')

    await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    for (const { pollId, voterIndex, choice, ...ballot } of ballots) {
      const receipt = await fetchReceipt({ pollId, voterIndex, choice, ...ballot })
      expect(receipt['state']).toBe('final')
      const { proof } = receipt
      expect(proof).toMatchObject({
        pollId,
        voterIndex,
        choice,
        block: receipt['block'],
        transaction: receipt['transaction'],
      })
      const { root, siblings } = proofOf(proof)
      expect(Anchor.isIncluded({ pollId, voterIndex, choice }, siblings, root)).toBe(true)
      expect(Anchor.isIncluded({ pollId, voterIndex, choice: choice + 1 }, siblings, root)).toBe(
        false,
      )
      // The root is the chain's, not only the API's.
      const data = Anchor.ballotAnchor.encodeFunctionData('rootOf', [1])
      expect(await system.rpc('eth_call', [{ to: system.ballotBox, data }, 'latest'])).toBe(root)
    }
  })
})

function proofOf(value: unknown): { root: string; siblings: string[] } {
  const { root, siblings } = fieldsOf(value)
  if (!Array.isArray(siblings)) throw new Error('no siblings')
  return { root: String(root), siblings: siblings.map(String) }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('no fields')
  return Object.fromEntries(Object.entries(value))
}

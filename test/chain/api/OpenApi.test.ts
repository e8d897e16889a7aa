import { readFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'

import { FILE, describe as describeRoutes } from '../../../chain/api/OpenApi.ts'

type Description = {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
}

describe('OpenApi.describe', () => {
  test('default: the committed description is that of the routes', async () => {
    const committed = await readFile(FILE, 'utf8')
    expect(JSON.parse(await describeRoutes())).toEqual(JSON.parse(committed))
  })

  test('behavior: every route and every refusal is in it', async () => {
    const { paths }: Description = JSON.parse(await describeRoutes())
    expect(Object.keys(paths).toSorted()).toEqual([
      '/healthz',
      '/metrics',
      '/openapi.json',
      '/polls',
      '/polls/{pollId}',
      '/polls/{pollId}/ballots',
      '/polls/{pollId}/tally',
      '/readyz',
      '/receipts/{id}',
    ])
    expect(Object.keys(paths['/polls/{pollId}/ballots']?.['post']?.responses ?? {})).toEqual([
      '202',
      '400',
      '403',
      '404',
      '409',
      '410',
      '413',
      '415',
      '422',
      '500',
      '503',
    ])
  })
})

import { afterAll } from 'vitest'

import * as Cli from '../helpers/Cli.ts'
import * as ExternalApi from '../helpers/externalApi.ts'

const undo: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Storms an API that is not ours; gives the exit code, the record and what the API took. */
export async function stormApi(lie: ExternalApi.Lie) {
  const api = await ExternalApi.start(lie)
  undo.push(() => api.close())
  const flags = ['--api', api.url, '--receipt-signer', api.receiptSigner, '--duration', '4s']
  const cli = Cli.start(['run', 'smoke', '--design', 'anchored', ...flags])
  undo.push(() => cli.dispose())
  await Cli.said(cli, 'site.json')
  const siteFile = /stands in (\S+site\.json)/.exec(cli.stderr())?.[1] ?? ''
  api.meet(siteFile)
  const { exitCode, stderr } = await cli.end
  return { exitCode, stderr, run: cli.record(), taken: api.taken }
}

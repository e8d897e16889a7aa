import { afterEach, expect } from 'vitest'

import * as Cli from '../helpers/Cli.ts'

const calls: Cli.Cli[] = []

/** Calls the command line as a user would; what it leaves is removed after the test, and processes are missed. */
export function storm(...words: string[]): Cli.Cli {
  return keep(Cli.start(words))
}

/** Has a call ended with the test. */
export function keep(cli: Cli.Cli): Cli.Cli {
  calls.push(cli)
  return cli
}

afterEach(async () => {
  for (const cli of calls.splice(0)) {
    await cli.dispose()
    expect(Cli.pidsOf(cli.outFolder), 'processes that outlive their run').toEqual([])
  }
})

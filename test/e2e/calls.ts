import { afterAll, expect } from 'vitest'

import * as Cli from '../helpers/Cli.ts'

const calls: Cli.Cli[] = []
const outliving: number[] = []

/**
 * Calls the command line as a user would, also several times at once. What it leaves is removed after
 * the file's tests, and a process that outlives its run is a failure.
 */
export function storm(...words: string[]): Cli.Cli {
  return keep(Cli.start(words))
}

/** Has a call watched in the same way. */
export function keep(cli: Cli.Cli): Cli.Cli {
  calls.push(cli)
  void cli.end.then(() => outliving.push(...Cli.pidsOf(cli.outFolder)))
  return cli
}

afterAll(async () => {
  await Promise.all(calls.map((cli) => cli.dispose()))
  expect(outliving, 'processes that outlive their run').toEqual([])
})

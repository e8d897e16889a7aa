import { PassThrough } from 'node:stream'

import { describe, expect, test } from 'vitest'

import * as Progress from '../../scripts/Progress.ts'

/** What a terminal-less stream is told. */
function told(work: (progress: Progress.Progress) => void): string {
  const stream = new PassThrough()
  let nowMs = 0
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is written to is all that is used
  const target = stream as unknown as NodeJS.WriteStream
  work(Progress.create(target, () => (nowMs += 500)))
  return String(stream.read() ?? '')
}

describe('create', () => {
  test('default: a step is ticked when the next one begins', () => {
    const text = told((progress) => {
      progress.step('network')
      progress.step('contracts')
      progress.done()
    })
    expect(text).toMatch(/^✓ network \(.* s\)\n✓ contracts \(.* s\)\n$/)
  })

  test('behavior: a step that failed is crossed, and not ticked by what follows', () => {
    const text = told((progress) => {
      progress.step('network')
      progress.fail()
      progress.step('everything stopped')
      progress.done()
    })
    expect(text).toMatch(/^✗ network \(.* s\)\n✓ everything stopped \(.* s\)\n$/)
  })

  test('behavior: nothing is ended that did not begin', () => {
    expect(
      told((progress) => {
        progress.fail()
        progress.done()
      }),
    ).toBe('')
  })
})

import { describe, expect, test } from 'vitest'

import { DamagedError } from '../../../scenarios/ballots/Spool.ts'
import { MalformedCityError } from '../../../scenarios/cities/cities.ts'
import { InterruptedError } from '../../../scenarios/presign/Workers.ts'
import {
  BallotstormError,
  explanationOf,
  restore,
  toldOf,
  underWay,
} from '../../../scenarios/runtime/BallotstormError.ts'
import { EndedError } from '../../../scenarios/runtime/Thread.ts'

const damaged = new DamagedError('a.bin', 7, 'torn')

describe('explanationOf', () => {
  test('default: message and remedy on one line', () => {
    expect(explanationOf(damaged)).toBe(
      'The spool a.bin is damaged at byte 7: torn. Presign the spool again.',
    )
  })

  test('behavior: after several problems the remedy has a line of its own', () => {
    const [last] = explanationOf(new MalformedCityError('a.json', ['x', 'y']))
      .split('\n')
      .toReversed()
    expect(last).toBe('Change the file; each line names what is wrong and where.')
  })

  test.each([new TypeError('no such field'), 'a text'])(
    'behavior: %s is a bug, and told as one',
    (bug) => {
      const text = explanationOf(bug)
      expect(text).toContain(bug instanceof Error ? bug.stack : bug)
      expect(text).toMatch(/it is a bug of ballotstorm\.$/)
      expect(text.includes('at ')).toBe(bug instanceof Error)
    },
  )
})

describe('restore', () => {
  test('default: as it was, after a way through JSON', () => {
    const error = restore(JSON.parse(JSON.stringify(toldOf(damaged))))
    expect(error).toBeInstanceOf(BallotstormError)
    expect(error && toldOf(error)).toEqual(toldOf(damaged))
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a bug', new TypeError('no such field')],
    ['an error with a code of Node', Object.assign(new Error('gone'), { code: 'ENOENT' })],
    ['no remedy', { ...toldOf(damaged), remedy: undefined }],
    ['an exit code that is none', { ...toldOf(damaged), exitCode: 0 }],
  ])('behavior: %s is no error of ours', (_, value) => {
    expect(restore(value)).toBeUndefined()
  })
})

describe('underWay', () => {
  test('default: what the user could have mended is a storm that broke off', () => {
    expect(underWay(damaged)).toMatchObject({ ...toldOf(damaged), exitCode: 107, cause: damaged })
  })

  test.each([new InterruptedError(), new EndedError(), new TypeError('no such field')])(
    'behavior: %s stays what it is',
    (error) => {
      expect(underWay(error)).toBe(error)
    },
  )
})

import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'

import * as Target from '../../../metrics/contracts/Target.ts'

const ADDRESS = `0x${'ab'.repeat(20)}`
const QUESTION = { pollId: 0, address: ADDRESS, version: 0 }
const KIND_2017 = 'active-citizen-2017'

describe('Schema', () => {
  test.each<[string, boolean, object]>([
    ['a BallotBox', true, { kind: 'ballot-box', address: ADDRESS }],
    ['a BallotAnchor', true, { kind: 'anchored', address: ADDRESS }],
    ['a question', true, { kind: KIND_2017, questions: [QUESTION] }],
    ['ten thousand questions', true, many(10_000)],
    ['a question too many', false, many(10_001)],
    ['no question', false, { kind: KIND_2017, questions: [] }],
    ['another kind', false, { kind: 'paper', address: ADDRESS }],
    ['upper case', false, { kind: 'ballot-box', address: ADDRESS.toUpperCase() }],
    ['an address that is too short', false, { kind: 'anchored', address: ADDRESS.slice(0, -1) }],
    ['one that is too long', false, { kind: 'anchored', address: `${ADDRESS}a` }],
    ['something before an address', false, { kind: 'anchored', address: ` ${ADDRESS}` }],
    ['more in a BallotBox', false, { kind: 'ballot-box', address: ADDRESS, more: 1 }],
    ['more in a BallotAnchor', false, { kind: 'anchored', address: ADDRESS, more: 1 }],
    ['more in 2017', false, { kind: KIND_2017, questions: [QUESTION], more: 1 }],
    ['more in a question', false, { kind: KIND_2017, questions: [{ ...QUESTION, more: 1 }] }],
    ['a poll below 0', false, { kind: KIND_2017, questions: [{ ...QUESTION, pollId: -1 }] }],
    ['a version below 0', false, { kind: KIND_2017, questions: [{ ...QUESTION, version: -1 }] }],
    ['nothing', false, {}],
  ])('default: %s', (_, isOne, target) => {
    expect(Value.Check(Target.Schema, target)).toBe(isOne)
  })
})

function many(count: number): object {
  return { kind: KIND_2017, questions: Array.from({ length: count }, () => QUESTION) }
}

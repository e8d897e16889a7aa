import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Findings from '../../../metrics/books/Findings.ts'
import * as Problems from '../../../metrics/books/Problems.ts'
import * as SignedTwice from '../../../metrics/books/SignedTwice.ts'
import { FINDINGS_LISTED_MAX, type Finding } from '../../../metrics/Run.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-findings-'))
  file = join(folder, 'findings.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

function finding(ballot: number, change: Partial<Finding> = {}): Finding {
  return { kind: 'lost', ballot, message: `${ballot}.`, evidence: {}, ...change }
}

function written(): Finding[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line): Finding => JSON.parse(line))
}

describe('create', () => {
  test('default: counted by kind and link, each completed once', () => {
    let completed = 0
    const findings = Findings.create(file, (one) => {
      completed += 1
      return { ...one, evidence: { added: 1 } }
    })
    findings.add(finding(1, { brokenBetween: 'voter and database' }))
    findings.add(finding(2, { brokenBetween: 'database and chain' }))
    findings.add(finding(3, { kind: 'altered', brokenBetween: 'database and chain' }))
    findings.add(finding(4))
    expect(completed).toBe(4)
    expect(findings.total()).toBe(4)
    expect([
      findings.count('lost'),
      findings.count('altered'),
      findings.count('duplicated'),
    ]).toEqual([3, 1, 0])
    expect(findings.byLink()).toEqual({ 'voter and database': 1, 'database and chain': 2 })
    expect(findings.listed().map(({ ballot }) => ballot)).toEqual([1, 2, 3, 4])
    findings.close()
    expect(written()).toEqual(findings.listed())
    expect(written()[0]?.evidence).toEqual({ added: 1 })
  })

  test('behavior: what it gives away is nobody’s to change', () => {
    const findings = Findings.create(file)
    findings.add(finding(1))
    findings.listed().pop()
    Object.assign(findings.byLink(), { 'voter and database': 9 })
    expect(findings.listed()).toEqual([finding(1)])
    expect(findings.byLink()['voter and database']).toBe(0)
    findings.close()
  })

  test('behavior: the first hundred are listed, all are in the file', () => {
    const findings = Findings.create(file)
    for (let ballot = 0; ballot <= FINDINGS_LISTED_MAX; ballot += 1) findings.add(finding(ballot))
    findings.close()
    expect(findings.listed()).toHaveLength(FINDINGS_LISTED_MAX)
    expect(findings.listed().at(-1)?.ballot).toBe(FINDINGS_LISTED_MAX - 1)
    expect(written()).toHaveLength(FINDINGS_LISTED_MAX + 1)
  })

  test('behavior: a full buffer is written at once, and once', () => {
    const findings = Findings.create(file)
    const emptyLength = JSON.stringify(finding(1, { message: '' })).length + 1
    findings.add(finding(1, { message: 'x'.repeat(64 * 1024 - emptyLength - 1) }))
    expect(readFileSync(file, 'utf8')).toBe('')
    findings.add(finding(2))
    expect(written()).toHaveLength(2)
    findings.add(finding(3))
    findings.close()
    expect(written().map(({ ballot }) => ballot)).toEqual([1, 2, 3])
    const exact = Findings.create(file)
    exact.add(finding(1, { message: 'x'.repeat(64 * 1024 - emptyLength) }))
    expect(written()).toHaveLength(1)
    exact.close()
  })

  test('behavior: a file of before is begun anew', () => {
    const before = Findings.create(file)
    before.add(finding(1))
    before.close()
    Findings.create(file).close()
    expect(readFileSync(file, 'utf8')).toBe('')
  })
})

describe('Problems', () => {
  test('default: equal ones are counted together, with the first one', () => {
    const problems = Problems.create()
    expect(problems.list()).toEqual([])
    problems.add('malformed line', 'line 3')
    problems.add('malformed line', 'line 9')
    problems.add('the end is missing', 'of a file')
    expect(problems.list()).toEqual([
      'malformed line (2; first: line 3)',
      'the end is missing (1; first: of a file)',
    ])
  })
})

describe('SignedTwice', () => {
  test('default: told with both signatures, and what was counted', () => {
    const twice = SignedTwice.create((one) => ({
      ...one,
      evidence: { ...one.evidence, signedChoice: 0, signature: '0xfirst' },
    }))
    expect(twice.told()).toEqual({ count: 0, listed: [] })
    const evidence = { seenChoice: 2, block: 9 }
    twice.add(finding(4, { kind: 'altered', pollId: 1, voterIndex: 5, evidence }), '0xsecond')
    const message = 'The voter of ballot 4 signed two choices, 0 and 2; block 9 counts the latter.'
    const signed = { signedChoice: 0, signature: '0xfirst', secondSignature: '0xsecond' }
    const listed = {
      ballot: 4,
      pollId: 1,
      voterIndex: 5,
      message,
      evidence: { ...evidence, ...signed },
    }
    expect(twice.told()).toEqual({ count: 1, listed: [listed] })
  })

  test('behavior: the first hundred are listed, all are counted', () => {
    const twice = SignedTwice.create((one) => one)
    for (let ballot = 0; ballot <= FINDINGS_LISTED_MAX; ballot += 1)
      twice.add(finding(ballot), '0x')
    const { count, listed } = twice.told()
    expect(count).toBe(FINDINGS_LISTED_MAX + 1)
    expect(listed).toHaveLength(FINDINGS_LISTED_MAX)
  })

  test('behavior: what is not known of it is a number that no ballot has', () => {
    const twice = SignedTwice.create((one) => one)
    twice.add({ kind: 'altered', message: '', evidence: {} }, '0x')
    expect(twice.told().listed[0]).toMatchObject({ ballot: -1, pollId: -1, voterIndex: -1 })
  })
})

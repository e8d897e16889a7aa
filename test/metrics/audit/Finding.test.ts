import { describe, expect, test } from 'vitest'

import * as Finding from '../../../metrics/audit/Finding.ts'

function finding(block: number): Finding.Finding {
  return { kind: 'brokenBlock', message: 'It does not hold.', evidence: { block } }
}

describe('collect', () => {
  test('default: in the order in which they came, after those of before', () => {
    const before = [finding(1)]
    const findings = Finding.collect({ count: 5, listed: before })
    findings.add(finding(2))
    expect(findings.count()).toBe(6)
    expect(findings.listed()).toEqual([finding(1), finding(2)])
    // Nobody who reads them changes them.
    findings.listed().pop()
    expect(findings.listed()).toHaveLength(2)
    expect(before).toHaveLength(1)
  })

  test('behavior: the first thousands are listed, all are counted', () => {
    const findings = Finding.collect({ count: 0, listed: [] })
    for (let block = 0; block <= Finding.LISTED_MAX; block += 1) findings.add(finding(block))
    expect(findings.count()).toBe(Finding.LISTED_MAX + 1)
    expect(findings.listed()).toHaveLength(Finding.LISTED_MAX)
    expect(findings.listed().at(-1)).toEqual(finding(Finding.LISTED_MAX - 1))
  })
})

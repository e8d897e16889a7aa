import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { RULES_FILE_URL } from '../../../metrics/series/prometheusCommand.ts'
import { prometheusConfig } from '../../../metrics/series/prometheusConfig.ts'
import { tool } from '../../helpers/tool.ts'

const rulesFile = fileURLToPath(RULES_FILE_URL)
const testFile = rulesFile.replace('.rules.yml', '.test.yml')

let folder: string
let promtool: string
beforeAll(async () => {
  promtool = await tool('promtool')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-promtool-'))
}, 900_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What promtool says; @throws where it is not content. */
function ask(...words: string[]): string {
  return execFileSync(promtool, words, { encoding: 'utf8', stdio: 'pipe' })
}

describe('prometheusConfig', () => {
  test('default', () => {
    const config = prometheusConfig({
      targets: [
        { job: 'api', target: '127.0.0.1:4001', path: '/metrics' },
        { job: 'node', target: '127.0.0.1:4002', path: '/debug/metrics/prometheus' },
        { job: 'node', target: '127.0.0.1:4003', path: '/metrics' },
      ],
      ruleFiles: [rulesFile],
    })
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, config)
    expect(ask('check', 'config', file)).toContain('is valid prometheus config')
    expect(config.replace(rulesFile, 'RULES')).toMatchInlineSnapshot(`
      "global:
        scrape_interval: 1s
        scrape_timeout: 1s
        evaluation_interval: 1s
      rule_files:
        - "RULES"
      scrape_configs:
        - job_name: "api"
          static_configs:
            - targets: ["127.0.0.1:4001"]
              labels:
                __metrics_path__: "/metrics"
        - job_name: "node"
          static_configs:
            - targets: ["127.0.0.1:4002"]
              labels:
                __metrics_path__: "/debug/metrics/prometheus"
            - targets: ["127.0.0.1:4003"]
              labels:
                __metrics_path__: "/metrics"
      "
    `)
  })

  test('behavior: nothing to scrape is a valid configuration too', () => {
    const file = join(folder, 'empty.yml')
    writeFileSync(file, prometheusConfig({ targets: [], ruleFiles: [] }))
    expect(ask('check', 'config', file)).toContain('is valid prometheus config')
  })
})

describe('rules', () => {
  test('default', () => {
    expect(ask('check', 'rules', rulesFile)).toContain('SUCCESS')
    expect(ask('test', 'rules', testFile)).toContain('SUCCESS')
  })

  test('behavior: a threshold that moves is noticed', () => {
    const text = execFileSync('cat', [rulesFile, testFile], { encoding: 'utf8' })
    const [rules = '', tests = ''] = text.split(/(?=# promtool test rules)/)
    writeFileSync(
      join(folder, 'ballotstorm.rules.yml'),
      rules.replace('finality_wait_seconds > 10', 'finality_wait_seconds > 1000'),
    )
    writeFileSync(join(folder, 'ballotstorm.test.yml'), tests)
    expect(() => ask('test', 'rules', join(folder, 'ballotstorm.test.yml'))).toThrow(/FAILED/)
  })
})

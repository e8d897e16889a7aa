import { readFileSync } from 'node:fs'

import { reconcile, type Options } from '../../../metrics/books/reconcile.ts'

/**
 * A process that balances books once and tells what that took: `reconcileOnce.ts <options.json>`.
 */
const options: Options = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const startedMs = performance.now()
const { counts, findings, problems } = await reconcile(options)
const tookMs = performance.now() - startedMs
const { user, system } = process.cpuUsage()
const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
const taken = { tookMs, cpuUs: user + system, peakBytes: peakKb * 1024 }
process.stdout.write(JSON.stringify({ ...taken, counts, found: findings.total, problems }))

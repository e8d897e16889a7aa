import { describe, expect, test } from 'vitest'

import * as WorkerPool from '../../../metrics/audit/WorkerPool.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'

const nodes = [Rpc.connect('http://127.0.0.1:1')]
const subject = { kind: 'ballot-box', contracts: { main: '0x', questions: [] }, consensus: 'none' }

/** What a thread answers to the reading of some blocks, as it comes from another thread. */
function read(numbers: unknown): Promise<WorkerPool.Answer> {
  const task = { kind: 'read', node: 0, numbers, subject }
  return WorkerPool.perform(nodes, JSON.parse(JSON.stringify(task)))
}

describe('perform', () => {
  test('behavior: a node that does not answer is a problem, and the thread goes on', async () => {
    expect(await read([1])).toMatchObject({
      kind: 'problem',
      problem: expect.stringContaining('127.0.0.1:1'),
    })
  })

  test('error: a bug is not told as a node that does not answer', async () => {
    await expect(read(undefined)).rejects.toThrow(TypeError)
  })
})

test('what a node does not tell leaves an audit without a result', () => {
  expect(new WorkerPool.UnansweredError('No answer.')).toMatchObject({ exitCode: 122 })
})

import { describe, expect, test } from 'vitest'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Thread from '../../../scenarios/runtime/Thread.ts'
import type { Question } from './answering.ts'

function start(data?: 'broken' | 'damaged'): Thread.Thread<Question, string> {
  return Thread.start({ module: new URL('./answering.ts', import.meta.url), data })
}

describe('start', () => {
  test('default: answers come in the order of the questions, however long each takes', async () => {
    const thread = start()
    const waits = [80, 1, 40, 0]
    const answers = Promise.all(waits.map((waitMs) => thread.ask({ waitMs })))
    expect(thread.waiting()).toBe(4)
    await thread.close()
    expect(await answers).toEqual(waits.map((waitMs) => `waited ${waitMs} ms`))
    expect(thread.waiting()).toBe(0)
  })

  test('behavior: what is handed over is gone here, and whole there', async () => {
    const thread = start()
    const bytes = new Uint8Array(1000)
    const answer = thread.ask(bytes, [bytes.buffer])
    expect(bytes).toHaveLength(0)
    expect(await answer).toBe('1000 bytes')
    await thread.close()
  })

  test('error: what it throws reaches all that wait, and whoever asks afterwards', async () => {
    const thread = start()
    const waiting = [thread.ask('throw'), thread.ask({ waitMs: 0 })]
    const settled = await Promise.allSettled(waiting)
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(thread.ask({ waitMs: 0 })).rejects.toThrow('It cannot go on.')
    await thread.close()
  })

  test('error: one that cannot begin says why', async () => {
    const thread = start('broken')
    await expect(thread.ask({ waitMs: 0 })).rejects.toThrow('It cannot begin.')
    await thread.close()
  })

  test('error: an error of ours keeps code, exit code, message and remedy', async () => {
    const told = {
      name: 'Spool.DamagedError',
      code: 'SPOOL_DAMAGED',
      exitCode: 104,
      message: 'The spool a.bin is damaged at byte 7: torn.',
      remedy: 'Presign the spool again.',
    }
    const thread = start()
    const error = await thread.ask('throw ours').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BallotstormError)
    expect(error).toMatchObject(told)
    await thread.close()
    const unborn = start('damaged')
    await expect(unborn.ask({ waitMs: 0 })).rejects.toMatchObject(told)
    await unborn.close()
  })

  test('error: a bug stays a bug, with its stack in the thread', async () => {
    const thread = start()
    const error = await thread.ask('throw').catch((reason: unknown) => reason)
    expect(error).not.toBeInstanceOf(BallotstormError)
    expect(error).toMatchObject({ stack: expect.stringContaining('answering.ts') })
    await thread.close()
  })

  test('error: one that goes without a word', async () => {
    const thread = start()
    await expect(thread.ask('exit')).rejects.toThrow(Thread.EndedError)
    await thread.close()
  })
})

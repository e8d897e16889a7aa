import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { register } from '../../../scenarios/presign/register.ts'
import * as Workers from '../../../scenarios/presign/Workers.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-enrol-'))
  file = join(folder, 'register.bin')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Makes the register; tells how many voters were worked for. */
async function make(
  seed: string,
  size: number,
  options: Workers.Options = {},
): Promise<{ commitment: Buffer; done: number }> {
  let done = 0
  const commitment = await register({
    ...options,
    electorate: { seed, size },
    file,
    onProgress: (count) => {
      done = count
    },
  })
  return { commitment, done }
}

describe('register', () => {
  test('default: the address of each voter in order, and the commitment of the file', async () => {
    const { commitment, done } = await make('seed', 1500)
    const electors = Register.open(file)
    expect(electors.voterCount).toBe(1500)
    for (const index of [0, 1227, 1228, 1499]) {
      const address = Address.fromPrivateKey(Electorate.privateKey('seed', index))
      expect(electors.at(index)).toEqual(address)
    }
    electors.close()
    expect(commitment).toEqual(Register.commitment(Register.chunks(file)))
    expect(done).toBe(1500)
  })

  test('behavior: a whole register of the same electorate is used again', async () => {
    const first = await make('seed', 100)
    const madeAtMs = statSync(file).mtimeMs
    const again = await make('seed', 100)
    expect(again).toEqual({ commitment: first.commitment, done: 0 })
    expect(statSync(file).mtimeMs).toBe(madeAtMs)
  })

  test('behavior: file and commitment do not depend on the number of workers', async () => {
    const one = await make('seed', 5000, { workers: 1 })
    const bytes = readFileSync(file)
    rmSync(file)
    expect(await make('seed', 5000, { workers: 3 })).toEqual(one)
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('behavior: interrupted, it goes on where it stopped', async () => {
    const interruption = new AbortController()
    const { signal } = interruption
    const told: number[] = []
    const options = { electorate: { seed: 'seed', size: 5000 }, file, workers: 1 }
    const first = register({ ...options, signal, onProgress: () => interruption.abort() })
    await expect(first).rejects.toThrow(Workers.InterruptedError)
    await register({ ...options, signal: undefined, onProgress: () => undefined })
    rmSync(file)
    const second = new AbortController()
    const onProgress = (done: number): void => {
      told.push(done)
      if (done === 1228) second.abort()
    }
    const broken = register({ ...options, signal: second.signal, onProgress })
    await expect(broken).rejects.toThrow(Workers.InterruptedError)
    const commitment = await register({ ...options, onProgress: (done) => told.push(done) })
    expect(told).toEqual([0, 1228, 2456, 2456, 3684, 4912, 5000])
    expect(commitment).toEqual(Register.commitment(Register.chunks(file)))
  })

  test.each([
    ['another seed', () => {}, 'other', 100],
    ['another size', () => {}, 'seed', 101],
    ['a file cut short', () => truncateSync(file, 1000), 'seed', 100],
    ['a file of no whole voters', () => truncateSync(file, 1001), 'seed', 100],
    [
      'an altered voter',
      () => writeFileSync(file, readFileSync(file).fill(1, 40, 41)),
      'seed',
      100,
    ],
    ['an unreadable origin', () => writeFileSync(`${file}.json`, '{'), 'seed', 100],
  ])('behavior: %s makes it anew', async (_, spoil, seed, size) => {
    await make('seed', 100)
    spoil()
    const { commitment, done } = await make(seed, size)
    expect(done).toBe(size)
    expect(commitment).toEqual(Register.commitment(Register.chunks(file)))
    expect(Register.open(file).at(2)).toEqual(
      Address.fromPrivateKey(Electorate.privateKey(seed, 2)),
    )
  })
})

/**
 * Calldata as a contract sees it: bytes without an end, zeros behind the last one. Read by hand,
 * since a library refuses what contracts take: missing padding, bytes behind the last argument,
 * arguments that lie elsewhere or share their bytes.
 */
export type Calldata = Buffer

/** Bytes before the arguments. */
const SELECTOR_BYTES = 4
const WORD_BYTES = 32

/** @param data - hex with `0x`, or bytes. */
export function from(data: Uint8Array | string): Calldata {
  if (typeof data === 'string') return Buffer.from(data.slice('0x'.length), 'hex')
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** Whether the calldata calls a function. @param selector - `0x` and 8 hex digits. */
export function calls(data: Calldata, selector: string): boolean {
  return (
    data.length >= SELECTOR_BYTES && `0x${data.toString('hex', 0, SELECTOR_BYTES)}` === selector
  )
}

/** Whether there are so many words behind the selector: since 0.5 a contract insists on it. */
export function hasArguments(data: Calldata, count: number): boolean {
  return data.length >= SELECTOR_BYTES + count * WORD_BYTES
}

/** The word of an argument. @param index - from 0. */
export function argument(data: Calldata, index: number): bigint {
  return BigInt(`0x${bytesOfArgument(data, index).toString('hex')}`)
}

/** The word of an argument as 32 bytes. @param index - from 0. */
export function bytesOfArgument(data: Calldata, index: number): Buffer {
  return slice(data, SELECTOR_BYTES + index * WORD_BYTES, WORD_BYTES)
}

/**
 * An argument of type `bytes`, as a contract of Solidity 0.8 takes it (coder v2): length and bytes
 * lie inside of the calldata, wherever that is.
 *
 * @param index - from 0.
 * @returns a view; `undefined` where the contract reverts.
 */
export function bytes(data: Calldata, index: number): Buffer | undefined {
  // What is too great for a number is far behind every end.
  const start = SELECTOR_BYTES + Number(argument(data, index)) + WORD_BYTES
  if (start > data.length) return undefined
  const end = start + Number(wordAt(data, start - WORD_BYTES))
  return end > data.length ? undefined : data.subarray(start, end)
}

/**
 * An argument of type `string`, `bytes` or `uint256[]`, as a contract of Solidity 0.4 takes it: with
 * no look at the end of the calldata, behind which there are zeros. Where a contract of 0.8 does not
 * revert it finds the same.
 *
 * @param index - from 0.
 * @param itemBytes - of one element: 1 or 32.
 * @returns `undefined` where it is too long for the gas of any block.
 */
export function unbounded(data: Calldata, index: number, itemBytes: number): Buffer | undefined {
  const start = SELECTOR_BYTES + Number(argument(data, index)) + WORD_BYTES
  // Behind the end all words are zero: an empty list. A position that wraps reads the selector as
  // part of a length for which there is no gas.
  if (start - WORD_BYTES >= data.length) return Buffer.alloc(0)
  const sizeBytes = Number(wordAt(data, start - WORD_BYTES)) * itemBytes
  return sizeBytes > SIZE_BYTES_MAX ? undefined : slice(data, start, sizeBytes)
}

/** Memory for this takes 135 million gas, more than a block of any network here has. */
const SIZE_BYTES_MAX = 8 * 1024 * 1024

/** The words in bytes, one after the other. */
export function words(list: Buffer): bigint[] {
  return Array.from({ length: list.length / WORD_BYTES }, (_, index) =>
    wordAt(list, index * WORD_BYTES),
  )
}

function wordAt(data: Calldata, start: number): bigint {
  return BigInt(`0x${slice(data, start, WORD_BYTES).toString('hex')}`)
}

/** A view where all of it is there, else a copy with zeros behind. */
function slice(data: Calldata, start: number, sizeBytes: number): Buffer {
  if (start + sizeBytes <= data.length) return data.subarray(start, start + sizeBytes)
  return Buffer.concat([data.subarray(start)], sizeBytes)
}

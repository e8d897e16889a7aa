/**
 * A slice of the storm, from the feeder to a VU of k6: consecutive ballots with the instants at
 * which they are to leave. No imports: k6 runs this file too.
 *
 * Little-endian: count u32, first ballot u32, then for each ballot its intended Unix milliseconds
 * f64, the poll u32 and the body's length u32; then the bodies, one after the other.
 */
export type Slice = {
  first: number
  ballots: { intendedAtMs: number; pollId: number; body: ArrayBuffer }[]
}

const HEADER_SIZE_BYTES = 8
const ENTRY_SIZE_BYTES = 16

/** A slice as bytes. */
export function encode(
  first: number,
  ballots: readonly { intendedAtMs: number; pollId: number; body: Uint8Array }[],
): Uint8Array {
  const entriesEnd = HEADER_SIZE_BYTES + ballots.length * ENTRY_SIZE_BYTES
  const bytes = new Uint8Array(ballots.reduce((sum, { body }) => sum + body.length, entriesEnd))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, ballots.length, true)
  view.setUint32(4, first, true)
  let bodyAt = entriesEnd
  ballots.forEach(({ intendedAtMs, pollId, body }, index) => {
    const entryAt = HEADER_SIZE_BYTES + index * ENTRY_SIZE_BYTES
    view.setFloat64(entryAt, intendedAtMs, true)
    view.setUint32(entryAt + 8, pollId, true)
    view.setUint32(entryAt + 12, body.length, true)
    bytes.set(body, bodyAt)
    bodyAt += body.length
  })
  return bytes
}

/** The slice in `buffer`; each body is a copy of its own, ready to be posted. */
export function decode(buffer: ArrayBuffer): Slice {
  const view = new DataView(buffer)
  const count = view.getUint32(0, true)
  let bodyAt = HEADER_SIZE_BYTES + count * ENTRY_SIZE_BYTES
  const ballots: Slice['ballots'] = []
  for (let index = 0; index < count; index += 1) {
    const entryAt = HEADER_SIZE_BYTES + index * ENTRY_SIZE_BYTES
    const lengthBytes = view.getUint32(entryAt + 12, true)
    ballots.push({
      intendedAtMs: view.getFloat64(entryAt, true),
      pollId: view.getUint32(entryAt + 8, true),
      body: buffer.slice(bodyAt, bodyAt + lengthBytes),
    })
    bodyAt += lengthBytes
  }
  return { first: view.getUint32(4, true), ballots }
}

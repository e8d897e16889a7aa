/** What RLP holds: bytes, or a list of such. */
export type Item = Uint8Array | readonly Item[]

/** The RLP encoding, by which headers, transactions and receipts are hashed. */
export function encode(item: Item): Buffer {
  if (item instanceof Uint8Array) {
    const [first] = item
    if (item.length === 1 && first !== undefined && first < 0x80) return Buffer.from(item)
    return Buffer.concat([prefix(0x80, item.length), item])
  }
  const parts = item.map(encode)
  const lengthBytes = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([prefix(0xc0, lengthBytes), ...parts])
}

/** The bytes of a hex string with `0x`, as they are. */
export function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}

/** A quantity as RLP wants it: big end first, no leading zeros, nothing for 0. */
export function integer(hex: string): Buffer {
  const digits = hex.slice(2).replace(/^0+/, '')
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}

function prefix(base: number, lengthBytes: number): Buffer {
  if (lengthBytes < 56) return Buffer.from([base + lengthBytes])
  const length = integer(`0x${lengthBytes.toString(16)}`)
  return Buffer.concat([Buffer.from([base + 55 + length.length]), length])
}

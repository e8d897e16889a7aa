import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { encryptKeystoreJsonSync } from 'ethers'

import * as GethNode from './GethNode.ts'

/**
 * The socket of a node's operator, in its working folder: relative, since the kernel takes no path
 * of a socket beyond 107 characters.
 */
const SOCKET = './geth.ipc'

/** Where another process reaches the socket, however deep the data folder lies. */
export function socketPath(pid: number): string {
  return `/proc/${pid}/cwd/${SOCKET}`
}

/** Writes a validator's account as geth reads it: an encrypted key and the password to it. */
export function writeAccount({ dataFolder, key }: GethNode.GethNode): void {
  const { address, privateKey } = key
  const folder = join(dataFolder, 'keystore')
  mkdirSync(folder, { recursive: true })
  // The key follows from the run's seed and hides nothing: the least work opens it at once.
  const scrypt = { N: 2, r: 8, p: 1 }
  const account = { address, privateKey: `0x${privateKey}` }
  const json = encryptKeystoreJsonSync(account, PASSWORD, { scrypt })
  writeFileSync(join(folder, 'account.json'), json, { mode: 0o600 })
  writeFileSync(passwordFile(dataFolder), PASSWORD, { mode: 0o600 })
}

const PASSWORD = 'ballotstorm'

/**
 * Writes the node's key and its peers. geth fetches what it has missed at once only where it has
 * 5 peers or all that it may have; else every 10 s, and until then it discards new blocks. So it
 * may have just these peers, dials them all, and takes their calls beyond the share for strangers.
 */
export function writePeers(node: GethNode.GethNode, peers: readonly GethNode.GethNode[]): void {
  GethNode.writeFiles(node, peers, (enodeUrls) => [
    `TrustedNodes = [${enodeUrls}]`,
    `MaxPeers = ${peers.length - 1}`,
    'DialRatio = 1',
  ])
}

/**
 * The command line of a node. No validator seals from its start: one that has no peers yet seals a
 * chain of its own, and several such chains can wait for one another for ever.
 */
export function args(
  node: GethNode.GethNode,
  chain: { chainId: number; gasLimit: number },
): string[] {
  const { dataFolder, isValidator, key } = node
  return GethNode.args(node, chain, {
    ipcpath: SOCKET,
    // The door of a beacon node, which nobody knocks at; it cannot be left out.
    'authrpc.port': 0,
    ...(isValidator
      ? {
          'miner.etherbase': key.address,
          unlock: key.address,
          password: passwordFile(dataFolder),
          // Whoever reaches the node can send transactions of the account, which owns nothing.
          'allow-insecure-unlock': true,
        }
      : {}),
  })
}

function passwordFile(dataFolder: string): string {
  return join(dataFolder, 'password')
}

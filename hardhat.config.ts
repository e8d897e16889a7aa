import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { defineConfig } from 'hardhat/config'

const cache =
  process.env['BALLOTSTORM_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ballotstorm')

/**
 * Berlin is the last fork that GoQuorum knows. One block holds the enrolment of a city's chunk
 * after chunk in tests, so its gas limit is far above that of any network.
 */
export default defineConfig({
  paths: {
    sources: ['chain/contracts', 'test/contracts'],
    artifacts: join(cache, 'contracts', 'artifacts'),
    cache: join(cache, 'contracts', 'cache'),
  },
  solidity: {
    version: '0.8.30',
    path: createRequire(import.meta.url).resolve('solc/soljson.js'),
    settings: {
      evmVersion: 'berlin',
      viaIR: true,
      optimizer: { enabled: true, runs: 1_000_000 },
    },
  },
  networks: {
    default: {
      type: 'edr-simulated',
      hardfork: 'berlin',
      allowUnlimitedContractSize: false,
      blockGasLimit: 1_000_000_000,
      transactionGasCap: false,
      gas: 30_000_000,
      gasPrice: 0,
    },
  },
})

import { createRequire } from 'node:module'
import { join } from 'node:path'

import { defineConfig } from 'hardhat/config'

import { cacheFolder } from './scripts/cacheFolder.ts'

export default defineConfig({
  paths: {
    sources: ['chain/contracts'],
    artifacts: join(cacheFolder(), 'contracts', 'artifacts'),
    cache: join(cacheFolder(), 'contracts', 'cache'),
  },
  coverage: { skipFiles: ['test/contracts/**'] },
  solidity: {
    version: '0.8.30',
    path: createRequire(import.meta.url).resolve('solc/soljson.js'),
    settings: {
      // Berlin is the last fork that GoQuorum 22.7.4 knows.
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
      blockGasLimit: 100_000_000,
      transactionGasCap: false,
      gas: 30_000_000,
      gasPrice: 0,
    },
  },
})

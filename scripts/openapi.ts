import * as OpenApi from '../chain/api/OpenApi.ts'

// `npm run openapi`: after a route has changed, the committed document is written anew.
await OpenApi.write()

import swagger from '@fastify/swagger'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { LogController, fastify, type FastifyError } from 'fastify'

import { boundConnections, type Bounds } from './boundConnections.ts'
import type { App, Context } from './Context.ts'
import * as Refusal from './Refusal.ts'
import { getHealth } from './routes/getHealth.ts'
import { getMetrics } from './routes/getMetrics.ts'
import { getOpenapi } from './routes/getOpenapi.ts'
import { getPoll } from './routes/getPoll.ts'
import { getPolls } from './routes/getPolls.ts'
import { getReadiness } from './routes/getReadiness.ts'
import { getReceipt } from './routes/getReceipt.ts'
import { getTally } from './routes/getTally.ts'
import { postBallot } from './routes/postBallot.ts'

/** A ballot with its field names has 260 bytes. */
const BODY_BYTES_MAX = 2048

/** A request that has not arrived whole by then is dropped … */
const REQUEST_TIMEOUT_MS = 10_000
/** … within so long: Node looks at its connections this often, by default each half minute; … */
const CONNECTIONS_CHECK_MS = 1000
/** … and so is a connection on which nothing moves, longer than any commit may take. */
const CONNECTION_TIMEOUT_MS = 30_000
/** Voters come once; a generator's or a proxy's connection comes back within this. */
const KEEP_ALIVE_TIMEOUT_MS = 20_000

/** Builds the server with all its routes. It listens to nothing yet. */
export async function create(context: Context, bounds: Bounds): Promise<App> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    },
    logController: new LogController({ disableRequestLogging: true }),
    // Our own refusal while stopping, in the form of all others: see refuseWhileStopping.
    return503OnClosing: false,
    logger: { level: 'warn', stream: process.stderr },
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler)
  boundConnections(app.server, bounds, (bound) => context.metrics.connectionRefused(bound))

  refuseWhileStopping(app)
  answerErrors(app)
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request.routeOptions
    context.metrics.request(
      { method: String(method), route: url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
    done()
  })

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'ballotstorm voting API',
        description: 'Takes signed ballots, promises them with a receipt, and tells their fate.',
        version: '1',
      },
    },
  })
  postBallot(app, context)
  getReceipt(app, context)
  getPolls(app, context)
  getPoll(app, context)
  getTally(app, context)
  getHealth(app)
  getReadiness(app, context)
  getMetrics(app, context)
  getOpenapi(app)
  return app
}

/** From the first moment of stopping, requests under way are finished and new ones are refused. */
function refuseWhileStopping(app: App): void {
  let isStopping = false
  app.addHook('preClose', (done) => {
    isStopping = true
    done()
  })
  // A connection that stayed open after its answer would keep the server from closing.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close')
    done()
  })
  app.addHook('onRequest', (_request, reply, done) => {
    if (!isStopping) return done()
    Refusal.send(reply, 'STOPPING')
  })
}

/** Codes of Fastify's errors that are the client's mistakes. */
const CLIENT_ERRORS: Readonly<Record<string, Refusal.Code>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNKNOWN',
}

/** The one table from errors to answers. What a client sees never holds a stack trace. */
function answerErrors(app: App): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (Refusal.isCode(error.code)) {
      request.log.warn({ err: error }, 'refused')
      return Refusal.send(reply, error.code)
    }
    const known = CLIENT_ERRORS[error.code]
    if (known !== undefined) return Refusal.send(reply, known)
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return Refusal.send(reply, 'MALFORMED', error.message)
    }
    request.log.error({ err: error }, 'failed')
    return Refusal.send(reply, 'INTERNAL')
  })
  app.setNotFoundHandler((_request, reply) => Refusal.send(reply, 'ROUTE_UNKNOWN'))
}

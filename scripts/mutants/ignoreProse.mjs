import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** Words of a message: letters, spaces and marks, and no number that a reader could be told wrong. */
const PROSE = /^[^\d]*[A-Za-z,;:.?!]+ [^\d]*$/

/** The text of a message is not tested word for word; what is put into it, is. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'prose', {
    shouldIgnore(path) {
      return path.isStringLiteral() && PROSE.test(path.node.value)
        ? 'the text of a message'
        : undefined
    },
  }),
]

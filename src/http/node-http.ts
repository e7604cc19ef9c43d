/**
 * What is used of `node:http` at run time. An `import` of it reads all that it exports, and with that loads the client behind
 * `fetch` and `WebSocket`: some megabytes that nothing here uses.
 */
export const { IncomingMessage, ServerResponse, STATUS_CODES } = process.getBuiltinModule('node:http');

/**
 * What is used of `node:http` at run time. An `import` would read everything that it exports, and so load the
 * client behind `fetch` and `WebSocket`: some megabytes that nothing here uses.
 */
export const { IncomingMessage, ServerResponse, STATUS_CODES } = process.getBuiltinModule('node:http');

import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { FastifyRequest, FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { escapePointer, type JsonSchema, mostFaults, overlong, toFaults } from './faults.ts';
import { Problem, type RequestFault } from './problem.ts';

/**
 * Validation of requests. Nothing is coerced, dropped or filled in: a body must be right as it is. Query parameters
 * are text on the wire, so they are read by their declared type first (`1e2` or `0x10` is no integer). Members and
 * parameters that the schema does not name are refused, and so is text PostgreSQL cannot hold.
 */

// ajv-formats is CommonJS: under Node's ESM the function is the default export's default.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/** The same schema with every object closed, unless it says otherwise. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if ('properties' in copy && !('additionalProperties' in copy)) copy.additionalProperties = false;
  return copy as T;
}

/** A day of the calendar within two centuries: others are slips of the pen, and year 0 is none PostgreSQL knows. */
function isDate(text: string): boolean {
  if (!/^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function readScalar(text: unknown, schema: JsonSchema | undefined): unknown {
  if (typeof text !== 'string') return text;
  if (schema?.type === 'integer' && /^-?[0-9]{1,100}$/.test(text)) {
    const number = Number(text);
    // A bound refuses what would be rounded.
    if (Number.isSafeInteger(number) || schema.maximum !== undefined) return number;
  }
  if (schema?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Query text by declared type; a list may be repeated, separated by commas or spelt `name[]`. */
function readQuery(query: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  // Without a prototype: a parameter may be called __proto__.
  const result: Record<string, unknown> = Object.create(null);
  for (const [spelling, given] of Object.entries(query)) {
    const name = spelling.endsWith('[]') ? spelling.slice(0, -2) : spelling;
    const property = schema.properties?.[name];
    if (property?.type === 'array') {
      const values = [given]
        .flat()
        .flatMap((value) => (typeof value === 'string' ? value.split(',') : [value]));
      const earlier = Array.isArray(result[name]) ? (result[name] as unknown[]) : [];
      result[name] = [...earlier, ...values.map((value) => readScalar(value, property.items))];
    } else result[property ? name : spelling] = readScalar(given, property);
  }
  return result;
}

/** Whether a value holds no text that `unsafeText` would tell of; most do not, and this way costs a tenth. */
function isSafe(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (Array.isArray(value)) return value.every(isSafe);
  if (typeof value === 'object') for (const name in value) if (!isSafe(value[name as never])) return false;
  return true;
}

/** Text that a database or another reader would alter: NUL, and surrogates without their partner. */
function unsafeText(root: unknown, part: RequestFault['in']): RequestFault[] {
  if (isSafe(root)) return [];
  const faults: RequestFault[] = [];
  const stack: [unknown, string][] = [[root, '']];
  for (let entry = stack.pop(); entry !== undefined && faults.length < mostFaults; entry = stack.pop()) {
    const [value, pointer] = entry;
    if (typeof value === 'string') {
      if (value.includes('\0'))
        faults.push({
          pointer,
          code: 'nul-character',
          message: 'must not contain U+0000',
          ...(part ? { in: part } : {}),
        });
      if (!value.isWellFormed())
        faults.push({
          pointer,
          code: 'lone-surrogate',
          message: 'must be well-formed Unicode',
          ...(part ? { in: part } : {}),
        });
    } else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value))
        stack.push([member, `${pointer}/${escapePointer(key)}`]);
  }
  return faults;
}

const partOf: Record<string, RequestFault['in']> = { querystring: 'query', params: 'path' };

/** Compiles each part of each route against the shared components. */
function buildValidator(components: Record<string, unknown>): FastifySchemaCompiler<JsonSchema> {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: true,
    verbose: true,
    strictSchema: 'log',
    strictTuples: false,
  });
  addFormats(ajv);
  ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
  ajv.addFormat('date', isDate);
  ajv.addKeyword('example');
  for (const [id, schema] of Object.entries(components)) ajv.addSchema(closed(schema) as object, id);
  return ({ schema, httpPart }) => {
    if (httpPart === 'headers') return () => true;
    const part = partOf[httpPart ?? ''];
    const whole = (components[String(schema.$ref)] as JsonSchema | undefined) ?? schema;
    let validate: ValidateFunction | undefined;
    return (data: unknown) => {
      const value = httpPart === 'querystring' ? readQuery(data as Record<string, unknown>, schema) : data;
      const faults = unsafeText(value, part);
      // Compiled with the first request: compiling all of them would take most of the start.
      validate ??= ajv.compile(closed(schema));
      const lists = overlong(value, whole, part);
      if (lists.length > 0) faults.push(...lists);
      else if (!validate(value)) faults.push(...toFaults(validate.errors ?? [], whole, part));
      if (faults.length === 0) return { value };
      return { error: new Problem('invalid-request', { errors: faults }) };
    };
  };
}

/**
 * Checks what a request holds, once it is read, against a narrower schema than its route's: the same object each time, since
 * it is compiled once. Problem `invalid-request` (400).
 */
export function checkAgain(
  request: FastifyRequest,
  schema: TSchema,
  part: 'body' | 'querystring',
  value: object,
): void {
  const check = request.compileValidationSchema(schema, part) as unknown as (value: object) => {
    error?: Error;
  };
  const { error } = check(value);
  if (error) throw error;
}

/**
 * For Fastify: one validator for bodies, queries and paths alike. Fastify asks for it anew for every route; it is built
 * once for the same components, which takes most of the start otherwise. Fastify's types know only its own Ajv's options.
 */
export function schemaController(): NonNullable<FastifyServerOptions['schemaController']> {
  const built = new Map<string, FastifySchemaCompiler<JsonSchema>>();
  const buildOnce = (components: Record<string, unknown>) => {
    const names = Object.keys(components).sort().join(' ');
    const validator = built.get(names) ?? buildValidator(components);
    built.set(names, validator);
    return validator;
  };
  return { compilersFactory: { buildValidator: buildOnce } } as unknown as NonNullable<
    FastifyServerOptions['schemaController']
  >;
}
